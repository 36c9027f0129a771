//! ② Every "no" of an order, in words for the customer.

use thiserror::Error;

/// Why an order refuses a command.
#[derive(Error, Debug, Clone, PartialEq)]
pub enum OrderRejection {
    /// There is nothing on it.
    #[error("an order needs at least one article")]
    Empty,
    /// Nobody knows where to send it.
    #[error("an order needs a country")]
    NoCountry,
    /// A line without units or without a price is no sale.
    #[error("`{product}` can only be ordered with a quantity and a price above zero")]
    NoSale {
        /// The product.
        product: String,
    },
    /// It was cancelled before.
    #[error("this order has been cancelled already")]
    Cancelled,
}
