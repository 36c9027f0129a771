//! What is in a cart, for its decisions and its view alike.

use std::collections::BTreeMap;

use cqrs::prelude::*;
use rust_decimal::Decimal;

use super::CartEvent;
use crate::product::ProductCode;

/// The content of a cart, by product.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Items(BTreeMap<ProductCode, Item>);

/// Units of one product in a cart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// What the product is called.
    pub name: String,
    /// How many of it.
    pub units: u32,
    /// What one unit costs.
    pub price: Decimal,
}

impl Item {
    /// What all its units cost.
    pub fn amount(&self) -> Decimal {
        Decimal::from(self.units) * self.price
    }
}

impl Items {
    /// The item of a product.
    pub fn get(&self, product: &ProductCode) -> Option<&Item> {
        self.0.get(product)
    }

    /// All items, by product.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&ProductCode, &Item)> {
        self.0.iter()
    }

    /// How many units of all products.
    pub fn units(&self) -> u64 {
        self.0.values().map(|item| u64::from(item.units)).sum()
    }

    /// What all of it costs.
    pub fn total(&self) -> Decimal {
        self.0.values().map(Item::amount).sum()
    }

    /// Changes them to what they are after the event.
    pub(super) fn apply(&mut self, event: &CartEvent) {
        match event {
            CartEvent::ItemAdded {
                product,
                name,
                units,
                price,
            } => {
                let item = self.0.entry(product.clone()).or_default();
                item.name.clone_from(name);
                item.units = item.units.saturating_add(*units);
                item.price = *price;
            }
            CartEvent::QuantityChanged { product, units } => {
                if let Some(item) = self.0.get_mut(product) {
                    item.units = *units;
                }
            }
            CartEvent::ItemRemoved { product } => {
                self.0.remove(product);
            }
            CartEvent::CheckedOut { .. } | CartEvent::Cancelled => {}
        }
    }
}
