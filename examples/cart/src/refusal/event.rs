//! ④ Which lines of an invoice were refused, as it is stored.

use chrono::NaiveDateTime;
use cqrs::prelude::*;
use rust_decimal::Decimal;

use super::Reason;

/// The number of an invoice of which lines were refused.
#[derive(Id)]
pub struct InvoiceNumber(String);

/// The past of an invoice's refused lines.
#[derive(Event, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[event(prefix = "refusal", id = InvoiceNumber)]
pub enum RefusalEvent {
    /// Lines were refused.
    Recorded {
        /// The lines.
        lines: Vec<RefusedLine>,
    },
}

/// A refused line with all that the file said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefusedLine {
    /// Its number in the file; the file's name is in the event's metadata.
    pub line: u64,
    /// Why it was refused.
    pub reason: Reason,
    /// The stock code.
    pub product: String,
    /// The description; may be empty.
    pub name: String,
    /// The quantity.
    pub units: i32,
    /// The date.
    pub date: NaiveDateTime,
    /// The price of one unit.
    pub price: Decimal,
    /// The customer, where one is named.
    pub customer: Option<String>,
    /// The country.
    pub country: String,
}
