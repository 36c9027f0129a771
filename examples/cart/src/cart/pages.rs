//! ⑨ The cart as its visitor sees it, with the forms that change it.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use uuid::Uuid;

use super::{CartOverview, Item, Items};
use crate::order::COUNTRIES;
use crate::product::{ProductCode, title};
use crate::text::{count, money};
use crate::web::{Layout, PageError, Section, Shop, Slice, Visit, page};

/// How many items a page shows.
const PAGE: usize = 40;

/// What may stand in the address of the cart.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Asked {
    notice: String,
    page: Option<String>,
}

/// What is wrong with a form that was sent, and what had been typed there.
pub(crate) enum Mistake {
    /// In the quantity of an item.
    Quantity {
        product: ProductCode,
        typed: String,
        error: String,
    },
    /// In the country of the order.
    Country { typed: String, error: String },
    /// The cart as a whole says no.
    General(String),
}

#[derive(Template)]
#[template(path = "cart/show.html")]
struct CartPage {
    layout: Layout,
    notice: Option<&'static str>,
    problem: Option<String>,
    items: Vec<Row>,
    slice: Slice,
    units: String,
    total: String,
    country: String,
    country_error: Option<String>,
    countries: &'static [&'static str],
    history: Option<String>,
    form: Uuid,
    cart: u32,
}

/// An item of the cart.
struct Row {
    product: ProductCode,
    name: String,
    price: String,
    amount: String,
    quantity: String,
    error: Option<String>,
}

/// `GET /cart`: what is in it.
pub(crate) async fn show(
    State(shop): State<Shop>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let mut cart = cart(&shop, &visit, asked.page.as_deref(), None).await?;
    cart.notice = match asked.notice.as_str() {
        "added" => Some("It is in your cart."),
        "changed" => Some("The quantity is changed."),
        "removed" => Some("It is out of your cart."),
        "repeated" => Some("That was done already: the same form had been sent before."),
        _ => None,
    };
    page(StatusCode::OK, &cart)
}

/// The cart with what is wrong beside the field that it is about.
pub(crate) async fn wrong(
    shop: &Shop,
    visit: &Visit,
    mistake: Mistake,
) -> Result<Response, PageError> {
    let cart = cart(shop, visit, None, Some(mistake)).await?;
    page(StatusCode::UNPROCESSABLE_ENTITY, &cart)
}

async fn cart(
    shop: &Shop,
    visit: &Visit,
    asked: Option<&str>,
    mistake: Option<Mistake>,
) -> Result<CartPage, PageError> {
    let id = visit.session.cart_id();
    let found = shop.app().view::<CartOverview>().get(&id).await?;
    let history = found.is_some().then(|| format!("/carts/{id}/history"));
    let items = found.map(|cart| cart.items).unwrap_or_default();
    let slice = slice(&items, asked, mistake.as_ref());
    let shown = items.iter().skip(slice.first).take(slice.size);
    let mut cart = CartPage {
        layout: visit.layout("Your cart", Section::Cart),
        notice: None,
        problem: None,
        items: shown
            .map(|(product, item)| Row::of(product, item))
            .collect(),
        slice,
        units: count(items.units()),
        total: money(items.total()),
        country: String::new(),
        country_error: None,
        countries: COUNTRIES,
        history,
        form: Uuid::now_v7(),
        cart: visit.session.cart,
    };
    if let Some(mistake) = mistake {
        cart.tell(mistake);
    }
    Ok(cart)
}

/// The page that was asked for, or the one with the item that the mistake is about.
fn slice(items: &Items, asked: Option<&str>, mistake: Option<&Mistake>) -> Slice {
    let length = items.iter().len();
    let Some(Mistake::Quantity { product, .. }) = mistake else {
        return Slice::new(asked, length, PAGE);
    };
    let place = items.iter().position(|(known, _)| known == product);
    let page = place.map(|place| (place / PAGE + 1).to_string());
    Slice::new(page.as_deref(), length, PAGE)
}

impl Row {
    fn of(product: &ProductCode, item: &Item) -> Self {
        Self {
            product: product.clone(),
            name: title(product, &item.name),
            price: money(item.price),
            amount: money(item.amount()),
            quantity: item.units.to_string(),
            error: None,
        }
    }
}

impl CartPage {
    /// What was typed stays in the form, also where the list has no such country.
    fn is_unknown_country(&self) -> bool {
        !self.country.is_empty() && !self.countries.contains(&self.country.as_str())
    }

    fn tell(&mut self, mistake: Mistake) {
        match mistake {
            Mistake::General(error) => self.problem = Some(error),
            Mistake::Country { typed, error } => {
                self.country = typed;
                self.country_error = Some(error);
            }
            Mistake::Quantity {
                product,
                typed,
                error,
            } => match self.items.iter_mut().find(|row| row.product == product) {
                Some(row) => {
                    row.quantity = typed;
                    row.error = Some(error);
                }
                None => self.problem = Some(format!("“{product}” is not in the cart any more.")),
            },
        }
    }
}
