//! A line of an order.

use cqrs::prelude::*;
use rust_decimal::Decimal;

use crate::product::ProductCode;

/// Units of one product at one price. The same product may stand on several lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// The product.
    pub product: ProductCode,
    /// What it was called; may be empty.
    pub name: String,
    /// How many units, at least one.
    pub units: u32,
    /// What one unit costs, above zero.
    pub price: Decimal,
}

impl Line {
    /// What all its units cost.
    pub fn amount(&self) -> Decimal {
        Decimal::from(self.units) * self.price
    }
}

/// What all lines cost.
pub fn total(lines: &[Line]) -> Decimal {
    lines.iter().map(Line::amount).sum()
}
