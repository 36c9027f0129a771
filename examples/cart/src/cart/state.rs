//! ③ A cart's state: what its decisions need to know, folded from its events.

use cqrs::prelude::*;

use super::{CartEvent, CartRejection, CartStatus, Items};

/// A cart as its events made it.
#[derive(Aggregate, Default, Clone, Debug, PartialEq)]
#[aggregate(event = CartEvent, rejection = CartRejection)]
pub struct Cart {
    /// What is in it; it stays known after the cart was closed.
    pub items: Items,
    /// Whether it is still open.
    pub status: CartStatus,
}

impl Apply for Cart {
    fn apply(&mut self, event: CartEvent) {
        self.status = self.status.after(&event);
        self.items.apply(&event);
    }
}
