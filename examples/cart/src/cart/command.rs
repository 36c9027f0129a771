//! ① Orders to a cart.

use cqrs::prelude::*;
use rust_decimal::Decimal;

use super::{Cart, CartId};
use crate::order::OrderId;
use crate::product::ProductCode;

/// What can be asked of a cart.
#[derive(Command, Clone, Debug)]
#[command(aggregate = Cart, may_create(AddItem))]
pub enum CartCommand {
    /// Puts units of a product into the cart, which begins with its first one.
    ///
    /// Name and price are those that the customer sees: the application reads them from the
    /// products view, since a decision reads nothing.
    AddItem {
        /// The cart.
        cart: CartId,
        /// The product.
        product: ProductCode,
        /// What it is called.
        name: String,
        /// How many more of it.
        units: u32,
        /// What one unit costs.
        price: Decimal,
    },
    /// Sets how many units of a product are in the cart.
    ChangeQuantity {
        /// The cart.
        cart: CartId,
        /// The product.
        product: ProductCode,
        /// How many of it from now on.
        units: u32,
    },
    /// Takes a product out of the cart.
    RemoveItem {
        /// The cart.
        cart: CartId,
        /// The product.
        product: ProductCode,
    },
    /// Closes the cart so that its items can be ordered.
    CheckOut {
        /// The cart.
        cart: CartId,
        /// The order that is placed for it.
        order: OrderId,
    },
    /// Gives the cart up.
    Cancel {
        /// The cart.
        cart: CartId,
    },
}
