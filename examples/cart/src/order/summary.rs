//! ⑦⑧⑨ The orders view: one row an order, as a list of orders shows it.

use chrono::{DateTime, Utc};
use cqrs::prelude::*;
use rust_decimal::Decimal;

use super::{OrderEvent, OrderId, total};
use crate::column::text_column;
use crate::customer::CustomerId;

/// An order in a list of orders.
#[derive(Projection, Clone, Debug, PartialEq)]
#[projection(
    name = "orders",
    events(OrderEvent),
    index(customer, country, status, placed_at)
)]
pub struct OrderSummary {
    /// The order.
    pub order: OrderId,
    /// Who ordered, where that is known.
    pub customer: Option<CustomerId>,
    /// Where it goes.
    pub country: String,
    /// Whether it stands.
    pub status: OrderStatus,
    /// How many lines it has.
    pub lines: u32,
    /// How many units of all products.
    pub units: u64,
    /// What it is worth.
    #[projection(scale = 3)]
    pub total: Decimal,
    /// When it was placed.
    pub placed_at: DateTime<Utc>,
}

/// Whether an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderStatus {
    /// It stands.
    Placed,
    /// It was cancelled.
    Cancelled,
}

text_column!(OrderStatus {
    Placed => "placed",
    Cancelled => "cancelled",
});

impl Project<OrderEvent> for OrderSummary {
    fn project(event: &Recorded<OrderEvent>, rows: &mut Rows<Self>) {
        match &event.data {
            OrderEvent::Placed {
                customer,
                country,
                lines,
            } => rows.insert(OrderSummary {
                order: event.id.clone(),
                customer: customer.clone(),
                country: country.clone(),
                status: OrderStatus::Placed,
                lines: u32::try_from(lines.len()).unwrap_or(u32::MAX),
                units: lines.iter().map(|line| u64::from(line.units)).sum(),
                total: total(lines),
                placed_at: event.occurred_at,
            }),
            OrderEvent::Cancelled { .. } => {
                rows.update(&event.id, |row| row.status = OrderStatus::Cancelled);
            }
        }
    }
}
