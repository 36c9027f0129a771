//! ⑦⑧⑨ The sales per country.

use cqrs::prelude::*;
use rust_decimal::Decimal;

use crate::credit_note::{self, CreditNoteEvent};
use crate::order::{self, OrderEvent};

/// What was sold to and cancelled from a country.
#[derive(Projection, Clone, Debug, PartialEq)]
#[projection(
    name = "sales_per_country",
    events(OrderEvent, CreditNoteEvent),
    index(revenue)
)]
pub struct CountrySales {
    /// The country, as the orders name it.
    pub country: String,
    /// How many orders were placed.
    pub orders: u64,
    /// What they were worth.
    #[projection(scale = 3)]
    pub revenue: Decimal,
    /// How many orders were cancelled and credit notes issued.
    pub cancellations: u64,
    /// What was cancelled: zero or below.
    #[projection(scale = 3)]
    pub cancelled: Decimal,
}

impl Project<OrderEvent> for CountrySales {
    fn project(event: &Recorded<OrderEvent>, rows: &mut Rows<Self>) {
        match &event.data {
            OrderEvent::Placed { country, lines, .. } => rows.upsert(country, |row| {
                row.orders += 1;
                row.revenue += order::total(lines);
            }),
            OrderEvent::Cancelled {
                country, amount, ..
            } => rows.upsert(country, |row| {
                row.cancellations += 1;
                row.cancelled -= amount;
            }),
        }
    }
}

impl Project<CreditNoteEvent> for CountrySales {
    fn project(event: &Recorded<CreditNoteEvent>, rows: &mut Rows<Self>) {
        let CreditNoteEvent::Issued { country, lines, .. } = &event.data;
        rows.upsert(country, |row| {
            row.cancellations += 1;
            row.cancelled += credit_note::total(lines);
        });
    }
}
