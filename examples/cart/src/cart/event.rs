//! ④ What happened to a cart, as it is stored.

use cqrs::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::order::OrderId;
use crate::product::ProductCode;

/// Names a cart.
#[derive(Id)]
pub struct CartId(Uuid);

/// The past of a cart.
#[derive(Event, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[event(prefix = "cart", id = CartId)]
pub enum CartEvent {
    /// Units of a product came in.
    ItemAdded {
        /// The product.
        product: ProductCode,
        /// What it is called.
        name: String,
        /// How many came in.
        units: u32,
        /// What one unit costs; it holds for the units that were there before too.
        price: Decimal,
    },
    /// The quantity of a product was set.
    QuantityChanged {
        /// The product.
        product: ProductCode,
        /// How many there are now.
        units: u32,
    },
    /// A product went out.
    ItemRemoved {
        /// The product.
        product: ProductCode,
    },
    /// The cart was closed to be ordered.
    CheckedOut {
        /// The order that is placed for it.
        order: OrderId,
    },
    /// The cart was given up.
    Cancelled,
}
