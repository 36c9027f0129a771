//! ② A cart's decisions: pure, on state and command alone.

use cqrs::prelude::*;
use rust_decimal::Decimal;

use super::{Cart, CartCommand, CartEvent, CartRejection, CartStatus, Item};
use crate::product::ProductCode;

/// The most units of one product in a cart.
pub const MAX_UNITS: u32 = 100_000;

/// The most different products in a cart: an order is one event, and events stay small.
pub const MAX_ARTICLES: usize = 500;

impl Handle<CartCommand> for Cart {
    fn handle(&self, command: CartCommand, _: &Context) -> Decision<Self> {
        self.ensure_open()?;
        let event = match command {
            CartCommand::AddItem {
                product,
                name,
                units,
                price,
                ..
            } => self.add(product, name, units, price)?,
            CartCommand::ChangeQuantity { product, units, .. } => {
                let item = self.item(&product)?;
                ensure_units(&item.name, units)?;
                if item.units == units {
                    return Ok(vec![]);
                }
                CartEvent::QuantityChanged { product, units }
            }
            CartCommand::RemoveItem { product, .. } => {
                self.item(&product)?;
                CartEvent::ItemRemoved { product }
            }
            CartCommand::CheckOut { order, .. } => {
                ensure(self.items.iter().len() > 0, CartRejection::Empty)?;
                CartEvent::CheckedOut { order }
            }
            CartCommand::Cancel { .. } => CartEvent::Cancelled,
        };
        Ok(vec![event])
    }
}

impl Cart {
    fn ensure_open(&self) -> Result<(), CartRejection> {
        match self.status {
            CartStatus::Open => Ok(()),
            CartStatus::CheckedOut => Err(CartRejection::CheckedOut),
            CartStatus::Cancelled => Err(CartRejection::Cancelled),
        }
    }

    fn add(
        &self,
        product: ProductCode,
        name: String,
        units: u32,
        price: Decimal,
    ) -> Result<CartEvent, CartRejection> {
        ensure(units > 0, CartRejection::NoUnits)?;
        let before = self.items.get(&product).map_or(0, |item| item.units);
        ensure_units(&name, before.saturating_add(units))?;
        let room = before > 0 || self.items.iter().len() < MAX_ARTICLES;
        ensure(room, CartRejection::TooManyArticles)?;
        if price <= Decimal::ZERO {
            return Err(CartRejection::NotForSale { name });
        }
        Ok(CartEvent::ItemAdded {
            product,
            name,
            units,
            price,
        })
    }

    fn item(&self, product: &ProductCode) -> Result<&Item, CartRejection> {
        let missing = || CartRejection::NotInCart {
            product: product.to_string(),
        };
        self.items.get(product).ok_or_else(missing)
    }
}

fn ensure_units(name: &str, units: u32) -> Result<(), CartRejection> {
    ensure(units > 0, CartRejection::NoUnits)?;
    let name = name.to_owned();
    ensure(units <= MAX_UNITS, CartRejection::TooManyUnits { name })
}

#[cfg(test)]
mod tests;
