//! ① Orders to an order.

use cqrs::prelude::*;

use super::{Line, Order, OrderId};
use crate::customer::CustomerId;

/// What can be asked of an order.
#[derive(Command, Clone, Debug)]
#[command(aggregate = Order, creates(Place))]
pub enum OrderCommand {
    /// Places it.
    Place {
        /// The order.
        order: OrderId,
        /// Who orders, where that is known.
        customer: Option<CustomerId>,
        /// Where it goes.
        country: String,
        /// What is ordered.
        lines: Vec<Line>,
    },
    /// Cancels it as a whole.
    Cancel {
        /// The order.
        order: OrderId,
        /// Why.
        reason: String,
    },
}
