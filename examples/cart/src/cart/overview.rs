//! ⑦⑧⑨ The carts view: one row a cart, with everything its page shows.

use chrono::{DateTime, Utc};
use cqrs::prelude::*;
use rust_decimal::Decimal;

use super::{CartEvent, CartId, CartStatus, Items};
use crate::order::OrderId;

/// A cart as its customer sees it.
///
/// No view changes more often. Its rows are split by key, so that two shops on one database share the work.
#[derive(Projection, Clone, Debug, PartialEq)]
#[projection(
    name = "carts",
    partitions = 2,
    events(CartEvent),
    index(status, order, changed_at)
)]
pub struct CartOverview {
    /// The cart.
    pub cart: CartId,
    /// Whether it is still open.
    pub status: CartStatus,
    /// What is in it.
    #[projection(json)]
    pub items: Items,
    /// How many units of all products.
    pub units: u64,
    /// What all of it costs.
    #[projection(scale = 3)]
    pub total: Decimal,
    /// The order that was placed for it.
    pub order: Option<OrderId>,
    /// When something last happened to it.
    pub changed_at: DateTime<Utc>,
}

impl Project<CartEvent> for CartOverview {
    fn project(event: &Recorded<CartEvent>, rows: &mut Rows<Self>) {
        rows.upsert(&event.id, |row| {
            row.items.apply(&event.data);
            row.units = row.items.units();
            row.total = row.items.total();
            row.status = row.status.after(&event.data);
            row.changed_at = event.occurred_at;
            if let CartEvent::CheckedOut { order } = &event.data {
                row.order = Some(order.clone());
            }
        });
    }
}
