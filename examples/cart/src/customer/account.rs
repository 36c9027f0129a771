//! ⑦⑧⑨ The customers view: who ordered how much, and when last.

use chrono::{DateTime, Utc};
use cqrs::prelude::*;
use rust_decimal::Decimal;

use super::CustomerId;
use crate::credit_note::{self, CreditNoteEvent};
use crate::order::{OrderEvent, total};

/// A customer with an order or a credit note.
#[derive(Projection, Clone, Debug, PartialEq)]
#[projection(
    name = "customers",
    events(OrderEvent, CreditNoteEvent),
    index(country, orders, spent, last_order_at)
)]
pub struct Customer {
    /// The customer's number.
    pub customer: CustomerId,
    /// Where the latest order or credit note went.
    pub country: String,
    /// When that was.
    pub seen_at: DateTime<Utc>,
    /// How many orders were placed.
    pub orders: u64,
    /// What they were worth.
    #[projection(scale = 3)]
    pub spent: Decimal,
    /// What was cancelled: zero or below.
    #[projection(scale = 3)]
    pub cancelled: Decimal,
    /// When the latest order was placed.
    pub last_order_at: Option<DateTime<Utc>>,
}

impl Project<OrderEvent> for Customer {
    fn project(event: &Recorded<OrderEvent>, rows: &mut Rows<Self>) {
        match &event.data {
            OrderEvent::Placed {
                customer: Some(customer),
                country,
                lines,
            } => rows.upsert(customer, |row| {
                row.see(country, event.occurred_at);
                row.orders += 1;
                row.spent += total(lines);
                row.last_order_at = row.last_order_at.max(Some(event.occurred_at));
            }),
            OrderEvent::Cancelled {
                customer: Some(customer),
                amount,
                ..
            } => rows.upsert(customer, |row| row.cancelled -= amount),
            OrderEvent::Placed { customer: None, .. }
            | OrderEvent::Cancelled { customer: None, .. } => {}
        }
    }
}

impl Project<CreditNoteEvent> for Customer {
    fn project(event: &Recorded<CreditNoteEvent>, rows: &mut Rows<Self>) {
        let CreditNoteEvent::Issued {
            customer,
            country,
            lines,
        } = &event.data;
        let Some(customer) = customer else { return };
        rows.upsert(customer, |row| {
            row.see(country, event.occurred_at);
            row.cancelled += credit_note::total(lines);
        });
    }
}

impl Customer {
    /// The latest by its date wins, whatever its place in the log; among equals the greater name.
    fn see(&mut self, country: &str, at: DateTime<Utc>) {
        if (at, country) > (self.seen_at, self.country.as_str()) {
            (self.seen_at, self.country) = (at, country.to_owned());
        }
    }
}
