//! ⑦⑧⑨ The refused lines view: one row a line, with all that the file said.

use cqrs::prelude::*;
use rust_decimal::Decimal;

use super::{InvoiceNumber, Reason, RefusalEvent, RefusedLine};

/// A refused line.
#[derive(Projection, Clone, Debug, PartialEq)]
#[projection(name = "refused_lines", events(RefusalEvent), index(invoice, reason))]
pub struct RefusedLineDetails {
    /// Invoice, event and place in it: the same line may be refused again from another file.
    pub key: String,
    /// The invoice.
    pub invoice: InvoiceNumber,
    /// Why it was refused.
    pub reason: Reason,
    /// The file that it came from.
    pub file: String,
    /// Its number in that file.
    pub line: u64,
    /// The stock code.
    pub product: String,
    /// The description.
    pub name: String,
    /// The quantity.
    pub units: i32,
    /// The date, as the file has it.
    pub date: String,
    /// The price of one unit.
    #[projection(scale = 3)]
    pub price: Decimal,
    /// The customer, where one is named.
    pub customer: Option<String>,
    /// The country.
    pub country: String,
}

impl Project<RefusalEvent> for RefusedLineDetails {
    fn project(event: &Recorded<RefusalEvent>, rows: &mut Rows<Self>) {
        let RefusalEvent::Recorded { lines } = &event.data;
        for (index, line) in lines.iter().enumerate() {
            rows.insert(Self::new(event, index, line));
        }
    }
}

impl RefusedLineDetails {
    fn new(event: &Recorded<RefusalEvent>, index: usize, line: &RefusedLine) -> Self {
        let file = event.metadata.get("file").and_then(|file| file.as_str());
        Self {
            key: format!("{}/{}/{index}", event.id, event.version),
            invoice: event.id.clone(),
            reason: line.reason,
            file: file.unwrap_or_default().to_owned(),
            line: line.line,
            product: line.product.clone(),
            name: line.name.clone(),
            units: line.units,
            date: line.date.to_string(),
            price: line.price,
            customer: line.customer.clone(),
            country: line.country.clone(),
        }
    }
}
