//! ② Every "no" of a cart, in words for the customer.

use thiserror::Error;

use super::decide::{MAX_ARTICLES, MAX_UNITS};

/// Why a cart refuses a command.
#[derive(Error, Debug, Clone, PartialEq)]
pub enum CartRejection {
    /// It was checked out before.
    #[error("this cart has been ordered already; start a new one")]
    CheckedOut,
    /// It was cancelled before.
    #[error("this cart was cancelled; start a new one")]
    Cancelled,
    /// There is nothing to order.
    #[error("the cart is empty; put something into it first")]
    Empty,
    /// The product is not there to be changed or removed.
    #[error("`{product}` is not in the cart")]
    NotInCart {
        /// The product that was named.
        product: String,
    },
    /// A quantity of zero.
    #[error("the quantity must be at least 1; remove the article if you do not want it")]
    NoUnits,
    /// More of one product than is sold at once.
    #[error("at most {MAX_UNITS} of `{name}` can be ordered at once")]
    TooManyUnits {
        /// What the product is called.
        name: String,
    },
    /// More different products than fit one order.
    #[error("a cart holds at most {MAX_ARTICLES} different articles; order these first")]
    TooManyArticles,
    /// A product that has no price cannot be sold.
    #[error("`{name}` is not for sale at the moment")]
    NotForSale {
        /// What the product is called.
        name: String,
    },
}
