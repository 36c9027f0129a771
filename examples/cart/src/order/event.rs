//! ④ What happened to an order, as it is stored.

use cqrs::prelude::*;
use rust_decimal::Decimal;

use super::Line;
use crate::customer::CustomerId;

/// The number of an order: that of its invoice where it was imported.
#[derive(Id)]
pub struct OrderId(String);

/// The past of an order.
#[derive(Event, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[event(prefix = "order", id = OrderId)]
pub enum OrderEvent {
    /// It was placed.
    Placed {
        /// Who ordered, where that is known.
        customer: Option<CustomerId>,
        /// Where it goes.
        country: String,
        /// What was ordered.
        lines: Vec<Line>,
    },
    /// It was cancelled as a whole. Customer, country and amount are those it was placed with: views
    /// of sales need them and see this event alone.
    Cancelled {
        /// Why.
        reason: String,
        /// Who had ordered.
        customer: Option<CustomerId>,
        /// Where it would have gone.
        country: String,
        /// What it was worth.
        amount: Decimal,
    },
}
