//! ③ An order's state: a small state machine, folded from its events.

use cqrs::prelude::*;
use rust_decimal::Decimal;

use super::{OrderEvent, OrderRejection, total};
use crate::customer::CustomerId;

/// An order as its events made it.
#[derive(Aggregate, Default, Clone, Debug, PartialEq)]
#[aggregate(event = OrderEvent, rejection = OrderRejection)]
pub enum Order {
    /// Not placed yet.
    #[default]
    New,
    /// Placed; what a cancellation has to say about it.
    Placed {
        /// Who ordered.
        customer: Option<CustomerId>,
        /// Where it goes.
        country: String,
        /// What it is worth.
        amount: Decimal,
    },
    /// Cancelled.
    Cancelled,
}

impl Apply for Order {
    fn apply(&mut self, event: OrderEvent) {
        *self = match event {
            OrderEvent::Placed {
                customer,
                country,
                lines,
            } => Order::Placed {
                customer,
                country,
                amount: total(&lines),
            },
            OrderEvent::Cancelled { .. } => Order::Cancelled,
        }
    }
}
