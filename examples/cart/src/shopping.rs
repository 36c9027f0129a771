//! What a customer does across features: prices go from the products view into commands, and a
//! check-out places an order.

use std::error::Error;

use cqrs::prelude::*;
use cqrs::{ExecuteError, Metadata, Receipt};
use thiserror::Error;
use uuid::Uuid;

use crate::cart::{Cart, CartCommand, CartId, CartRejection};
use crate::customer::CustomerId;
use crate::order::{Line, OrderCommand, OrderId, OrderRejection};
use crate::product::{Product, ProductCode};

/// Why something that a customer wanted did not happen.
#[derive(Error, Debug)]
#[non_exhaustive]
pub enum ShoppingError {
    /// No product has this code.
    #[error("there is no article `{0}`")]
    NoProduct(ProductCode),
    /// The cart says no.
    #[error(transparent)]
    Cart(CartRejection),
    /// The order says no.
    #[error(transparent)]
    Order(OrderRejection),
    /// There is no such cart or order.
    #[error("there is nothing here by this name")]
    NotFound,
    /// The id belongs to something else that was asked for before.
    #[error("this form was sent for something else before; here is a fresh one")]
    Reused,
    /// Something technical failed; nothing of the failed step is stored.
    #[error("the shop cannot do this at the moment")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

impl ShoppingError {
    fn failed(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Failed(Box::new(error))
    }
}

impl From<ExecuteError<CartRejection>> for ShoppingError {
    fn from(error: ExecuteError<CartRejection>) -> Self {
        match error {
            ExecuteError::Rejected(rejection) => Self::Cart(rejection),
            ExecuteError::NotFound { .. } => Self::NotFound,
            ExecuteError::CommandReused { .. } => Self::Reused,
            other => Self::failed(other),
        }
    }
}

impl From<ExecuteError<OrderRejection>> for ShoppingError {
    fn from(error: ExecuteError<OrderRejection>) -> Self {
        match error {
            ExecuteError::Rejected(rejection) => Self::Order(rejection),
            ExecuteError::NotFound { .. } => Self::NotFound,
            ExecuteError::CommandReused { .. } => Self::Reused,
            other => Self::failed(other),
        }
    }
}

/// Under which id something is asked for, by whom and why.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Made once for each wish, for example when a form is shown. Sent again with the same id, it is
    /// not done a second time.
    pub command_id: Uuid,
    /// Who and why: it is found again in the history of what it changed.
    pub metadata: Metadata,
}

impl Asked {
    /// Asked under this id, by nobody in particular.
    pub fn new(command_id: Uuid) -> Self {
        Self {
            command_id,
            metadata: Metadata::default(),
        }
    }
}

/// Puts units of a product into a cart, at the name and price that the products view shows.
///
/// # Errors
///
/// [`ShoppingError`] when the product is unknown or the cart refuses it.
pub async fn add_item(
    app: &App,
    asked: &Asked,
    cart: CartId,
    product: ProductCode,
    units: u32,
) -> Result<Receipt, ShoppingError> {
    let found = app.view::<Product>().get(&product).await;
    let Some(found) = found.map_err(ShoppingError::failed)? else {
        return Err(ShoppingError::NoProduct(product));
    };
    let command = CartCommand::AddItem {
        cart,
        product,
        name: found.name,
        units,
        price: found.price,
    };
    change_cart(app, asked, command).await
}

/// Executes a command on a cart that needs nothing from elsewhere.
///
/// # Errors
///
/// [`ShoppingError`] when the cart refuses it.
pub async fn change_cart(
    app: &App,
    asked: &Asked,
    command: CartCommand,
) -> Result<Receipt, ShoppingError> {
    let execute = app.execute(command).with_id(asked.command_id);
    Ok(execute.metadata(asked.metadata.clone()).await?)
}

/// A customer's wish to order what is in a cart.
#[derive(Clone, Debug)]
pub struct CheckOut {
    /// The cart.
    pub cart: CartId,
    /// Who orders, where that is known.
    pub customer: Option<CustomerId>,
    /// Where it goes.
    pub country: String,
}

/// Closes a cart and places the order for it.
///
/// These are two commands on two aggregates, so a crash may come between them. The ids of both are
/// made from the wish's own, so sending it again finishes what was begun.
///
/// # Errors
///
/// [`ShoppingError`] when the cart or the order refuses.
pub async fn check_out(
    app: &App,
    asked: &Asked,
    wish: CheckOut,
) -> Result<(OrderId, Receipt), ShoppingError> {
    let id = asked.command_id;
    let order = OrderId::from(Uuid::new_v5(&id, b"order").to_string());
    let close = CartCommand::CheckOut {
        cart: wish.cart,
        order: order.clone(),
    };
    change_cart(app, asked, close).await?;

    let place = OrderCommand::Place {
        order: order.clone(),
        customer: wish.customer,
        country: wish.country,
        lines: lines(app, &wish.cart).await?,
    };
    let place = app.execute(place).with_id(Uuid::new_v5(&id, b"place"));
    let place = place.metadata(asked.metadata.clone());
    let receipt = place.correlation_id(id).caused_by(id).await?;
    Ok((order, receipt))
}

/// Cancels an order as a whole.
///
/// # Errors
///
/// [`ShoppingError`] when there is none, or it was cancelled before.
pub async fn cancel_order(
    app: &App,
    asked: &Asked,
    order: OrderId,
    reason: String,
) -> Result<Receipt, ShoppingError> {
    let cancel = app.execute(OrderCommand::Cancel { order, reason });
    let cancel = cancel.with_id(asked.command_id);
    Ok(cancel.metadata(asked.metadata.clone()).await?)
}

/// A closed cart never changes, so its state is what was checked out, whenever it is read.
async fn lines(app: &App, cart: &CartId) -> Result<Vec<Line>, ShoppingError> {
    let cart = app
        .load::<Cart>(cart)
        .await
        .map_err(ShoppingError::failed)?;
    let items = cart.map(|cart| cart.state.items).unwrap_or_default();
    let lines = items.iter().map(|(product, item)| Line {
        product: product.clone(),
        name: item.name.clone(),
        units: item.units,
        price: item.price,
    });
    Ok(lines.collect())
}
