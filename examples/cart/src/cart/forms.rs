//! ① What a visitor does to a cart: forms to commands, and back to a page that shows the effect.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use cqrs::Receipt;
use serde::Deserialize;
use uuid::Uuid;

use super::pages::{self, Mistake};
use super::{CartCommand, CartOverview, CartRejection, quantity};
use crate::order::{OrderDetails, OrderSummary, country};
use crate::product::ProductCode;
use crate::product::pages::{Typed, no_product, shown};
use crate::shopping::{self, CheckOut, ShoppingError, add_item, change_cart};
use crate::web::{PageError, Session, Shop, Submitted, Visit, sentence};

/// The fields of every form here; each form uses some of them.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Form {
    /// Made when the form was shown: sent twice, it acts once.
    form: String,
    /// Which of the visitor's carts it was shown for.
    cart: String,
    product: String,
    quantity: String,
    country: String,
}

const NO_NUMBER: &str = "This form came without its number. Please send it once more.";

impl Form {
    fn id(&self) -> Result<Uuid, &'static str> {
        Uuid::try_parse(&self.form).map_err(|_| NO_NUMBER)
    }
}

/// `POST /cart/items`: puts a product into the cart.
pub(crate) async fn add(
    State(shop): State<Shop>,
    visit: Visit,
    Submitted(form): Submitted<Form>,
) -> Result<Response, PageError> {
    let product = ProductCode::from(form.product.as_str());
    let outcome = match (form.id(), quantity(&form.quantity)) {
        (_, Err(error)) => Err(sentence(error)),
        (Err(error), _) => Err(error.to_owned()),
        (Ok(id), Ok(units)) => add_to_open_cart(&shop, &visit, &form, id, units).await?,
    };
    match outcome {
        Ok((session, receipt)) => done(&shop, session, &receipt, "added").await,
        Err(error) => {
            let quantity = form.quantity;
            let typed = Typed {
                quantity,
                error: Some(error),
            };
            shown(&shop, &visit, product, typed).await
        }
    }
}

/// The form may speak of a cart that was ordered meanwhile, in another tab: then the one after it.
async fn add_to_open_cart(
    shop: &Shop,
    visit: &Visit,
    form: &Form,
    id: Uuid,
    units: u32,
) -> Result<Result<(Session, Receipt), String>, PageError> {
    let product = ProductCode::from(form.product.as_str());
    let why = format!("put {units} × {product} into the cart");
    let asked = visit.asks(id, &format!("add {product} {units}"), &why);
    let mut session = visit.session.with_cart(&form.cart);
    loop {
        let cart = session.cart_id();
        match add_item(shop.app(), &asked, cart, product.clone(), units).await {
            Ok(receipt) => return Ok(Ok((session, receipt))),
            Err(ShoppingError::Cart(CartRejection::CheckedOut | CartRejection::Cancelled)) => {
                session = session.next_cart();
            }
            Err(ShoppingError::NoProduct(product)) => return Err(no_product(&product)),
            Err(error) => return Ok(Err(told(error)?)),
        }
    }
}

/// `POST /cart/items/{code}/quantity`: sets how many of a product are in the cart.
pub(crate) async fn change(
    State(shop): State<Shop>,
    visit: Visit,
    Path(code): Path<String>,
    Submitted(form): Submitted<Form>,
) -> Result<Response, PageError> {
    let product = ProductCode::from(code);
    let session = visit.session.with_cart(&form.cart);
    let mistake = |error: String| Mistake::Quantity {
        product: product.clone(),
        typed: form.quantity.clone(),
        error,
    };
    let (id, units) = match (form.id(), quantity(&form.quantity)) {
        (Ok(id), Ok(units)) => (id, units),
        (_, Err(error)) => return pages::wrong(&shop, &visit, mistake(sentence(error))).await,
        (Err(error), _) => return pages::wrong(&shop, &visit, mistake(error.to_owned())).await,
    };
    let why = format!("changed the quantity of {product} to {units}");
    let asked = visit.asks(id, &format!("change {product} {units}"), &why);
    let command = CartCommand::ChangeQuantity {
        cart: session.cart_id(),
        product: product.clone(),
        units,
    };
    match change_cart(shop.app(), &asked, command).await {
        Ok(receipt) => done(&shop, visit.session, &receipt, "changed").await,
        Err(error) => pages::wrong(&shop, &visit, Mistake::General(told(error)?)).await,
    }
}

/// `POST /cart/items/{code}/remove`: takes a product out of the cart.
pub(crate) async fn remove(
    State(shop): State<Shop>,
    visit: Visit,
    Path(code): Path<String>,
    Submitted(form): Submitted<Form>,
) -> Result<Response, PageError> {
    let product = ProductCode::from(code);
    let cart = visit.session.with_cart(&form.cart).cart_id();
    let id = match form.id() {
        Ok(id) => id,
        Err(error) => {
            return pages::wrong(&shop, &visit, Mistake::General(error.to_owned())).await;
        }
    };
    let why = format!("took {product} out of the cart");
    let asked = visit.asks(id, &format!("remove {product}"), &why);
    let command = CartCommand::RemoveItem { cart, product };
    match change_cart(shop.app(), &asked, command).await {
        Ok(receipt) => done(&shop, visit.session, &receipt, "removed").await,
        Err(error) => pages::wrong(&shop, &visit, Mistake::General(told(error)?)).await,
    }
}

/// `POST /cart/checkout`: orders what is in the cart, and shows the order.
pub(crate) async fn check_out(
    State(shop): State<Shop>,
    visit: Visit,
    Submitted(form): Submitted<Form>,
) -> Result<Response, PageError> {
    let mistake = |error: String| Mistake::Country {
        typed: form.country.clone(),
        error,
    };
    let (id, country) = match (form.id(), country(&form.country)) {
        (Ok(id), Ok(country)) => (id, country),
        (_, Err(error)) => return pages::wrong(&shop, &visit, mistake(sentence(error))).await,
        (Err(error), _) => return pages::wrong(&shop, &visit, mistake(error.to_owned())).await,
    };
    let session = visit.session.with_cart(&form.cart);
    let asked = visit.asks(
        id,
        &format!("check out {country}"),
        "checked out on the cart's page",
    );
    let wish = CheckOut {
        cart: session.cart_id(),
        customer: Some(session.customer()),
        country: country.to_owned(),
    };
    let (order, receipt) = match shopping::check_out(shop.app(), &asked, wish).await {
        Ok(placed) => placed,
        Err(error) => return pages::wrong(&shop, &visit, Mistake::General(told(error)?)).await,
    };
    let app = shop.app();
    app.wait_for::<OrderSummary>(receipt.position).await?;
    app.wait_for::<OrderDetails>(receipt.position).await?;
    app.wait_for::<CartOverview>(receipt.position).await?;
    let next = session.next_cart();
    let session = if next.cart > visit.session.cart {
        next
    } else {
        visit.session
    };
    let address = format!("/orders/{order}?notice=placed");
    Ok((Extension(session), Redirect::to(&address)).into_response())
}

/// Shows the cart as it is after the command: the view is waited for.
async fn done(
    shop: &Shop,
    session: Session,
    receipt: &Receipt,
    notice: &str,
) -> Result<Response, PageError> {
    shop.app()
        .wait_for::<CartOverview>(receipt.position)
        .await?;
    let notice = if receipt.repeated { "repeated" } else { notice };
    let address = format!("/cart?notice={notice}");
    Ok((Extension(session), Redirect::to(&address)).into_response())
}

/// What the customer is told, unless it is the shop's own fault.
fn told(error: ShoppingError) -> Result<String, PageError> {
    match error {
        ShoppingError::Failed(error) => Err(PageError::failed(error.as_ref())),
        ShoppingError::NotFound => Ok("There is nothing in this cart yet.".to_owned()),
        other => Ok(sentence(other)),
    }
}
