//! ⑦⑧⑨ The order details view: one row an order, with everything its page shows.

use chrono::{DateTime, Utc};
use cqrs::prelude::*;
use rust_decimal::Decimal;

use super::{Line, OrderEvent, OrderId, OrderStatus, total};
use crate::customer::CustomerId;
use crate::import::is_imported;

/// An order as its own page shows it.
#[derive(Projection, Clone, Debug, PartialEq)]
#[projection(name = "order_details", events(OrderEvent))]
pub struct OrderDetails {
    /// The order.
    pub order: OrderId,
    /// Who ordered, where that is known.
    pub customer: Option<CustomerId>,
    /// Where it goes.
    pub country: String,
    /// Whether it stands.
    pub status: OrderStatus,
    /// What was ordered.
    #[projection(json)]
    pub lines: Vec<Line>,
    /// What it is worth.
    #[projection(scale = 3)]
    pub total: Decimal,
    /// Whether an import brought it.
    pub imported: bool,
    /// When it was placed.
    pub placed_at: DateTime<Utc>,
    /// When it was cancelled.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Why it was cancelled.
    pub reason: Option<String>,
}

impl Project<OrderEvent> for OrderDetails {
    fn project(event: &Recorded<OrderEvent>, rows: &mut Rows<Self>) {
        match &event.data {
            OrderEvent::Placed {
                customer,
                country,
                lines,
            } => rows.insert(OrderDetails {
                order: event.id.clone(),
                customer: customer.clone(),
                country: country.clone(),
                status: OrderStatus::Placed,
                lines: lines.clone(),
                total: total(lines),
                imported: is_imported(&event.metadata),
                placed_at: event.occurred_at,
                cancelled_at: None,
                reason: None,
            }),
            OrderEvent::Cancelled { reason, .. } => rows.update(&event.id, |row| {
                row.status = OrderStatus::Cancelled;
                row.cancelled_at = Some(event.occurred_at);
                row.reason = Some(reason.clone());
            }),
        }
    }
}
