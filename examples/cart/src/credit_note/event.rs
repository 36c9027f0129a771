//! ④ What happened to a credit note, as it is stored.

use cqrs::prelude::*;
use rust_decimal::Decimal;

use crate::customer::CustomerId;
use crate::product::ProductCode;

/// The number of a credit note: an invoice number that begins with C.
#[derive(Id)]
pub struct CreditNoteId(String);

/// The past of a credit note.
#[derive(Event, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[event(prefix = "credit_note", id = CreditNoteId)]
pub enum CreditNoteEvent {
    /// It was issued.
    Issued {
        /// Who got it, where that is known.
        customer: Option<CustomerId>,
        /// Where the customer is.
        country: String,
        /// What was taken back.
        lines: Vec<CreditLine>,
    },
}

/// A line of a credit note.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreditLine {
    /// The product.
    pub product: ProductCode,
    /// What it was called; may be empty.
    pub name: String,
    /// How many units: below zero for what came back.
    pub units: i32,
    /// What one unit cost.
    pub price: Decimal,
}

impl CreditLine {
    /// What all its units cost: below zero for what came back.
    pub fn amount(&self) -> Decimal {
        Decimal::from(self.units) * self.price
    }
}

/// What all lines cost: below zero as a rule.
pub fn total(lines: &[CreditLine]) -> Decimal {
    lines.iter().map(CreditLine::amount).sum()
}
