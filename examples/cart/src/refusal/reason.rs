//! Why a line was refused.

use std::fmt;

use cqrs::prelude::*;

use crate::column::text_column;

/// Why a line of an invoice was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It takes back units and stands on an invoice that is no cancellation.
    NegativeQuantity,
    /// It has no units.
    NoQuantity,
    /// It has no price, or one below zero.
    NoPrice,
    /// Its invoice is stored already, with other content.
    InvoiceChanged,
}

text_column!(Reason {
    NegativeQuantity => "negative_quantity",
    NoQuantity => "no_quantity",
    NoPrice => "no_price",
    InvoiceChanged => "invoice_changed",
});

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Reason::NegativeQuantity => "negative quantity outside a cancellation",
            Reason::NoQuantity => "quantity of zero",
            Reason::NoPrice => "price of zero or below",
            Reason::InvoiceChanged => "its invoice is stored already with other content",
        })
    }
}
