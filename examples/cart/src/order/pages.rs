//! ⑨ Orders as a visitor sees them: the list, one order, and the form that cancels it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::{Line, OrderDetails, OrderId, OrderStatus, OrderSummary};
use crate::cart::CartOverview;
use crate::shopping::{ShoppingError, cancel_order};
use crate::text::{count, machine, minute, money, short};
use crate::web::{Layout, PageError, Section, Shop, Slice, Submitted, Visit};
use crate::web::{no_such_page, page, sentence};

/// How many orders a list shows.
const PAGE: usize = 25;

/// How many lines of an order a page shows.
const LINES: usize = 100;

/// The longest reason for a cancellation.
const LONGEST_REASON: usize = 200;

/// What may stand in the address of the list.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Asked {
    whose: String,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "order/list.html")]
struct ListPage {
    layout: Layout,
    is_all: bool,
    orders: Vec<Row>,
    next: Option<String>,
    is_first: bool,
}

/// An order in the list.
struct Row {
    order: OrderId,
    short: String,
    customer: String,
    country: String,
    is_cancelled: bool,
    units: String,
    total: String,
    placed_at: String,
    machine: String,
}

/// `GET /orders`: the visitor's own; the shopkeeper's link, `?whose=all`, shows all.
pub(crate) async fn list(
    State(shop): State<Shop>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let is_all = asked.whose == "all";
    let orders = shop.app().view::<OrderSummary>();
    let mut orders = orders.order_by(OrderSummary::PLACED_AT.desc());
    if !is_all {
        orders = orders.filter(OrderSummary::CUSTOMER.eq(Some(visit.session.customer())));
    }
    if let Some(after) = &asked.after {
        let cursor = after.parse().map_err(|_| no_such_page())?;
        orders = orders.after(cursor);
    }
    let orders = orders.page(PAGE).await?;
    let whose = if is_all { "all" } else { "mine" };
    let next = orders.next.as_ref();
    let list = ListPage {
        layout: visit.layout(
            if is_all { "All orders" } else { "Your orders" },
            Section::Orders,
        ),
        is_all,
        next: next.map(|next| format!("/orders?whose={whose}&after={next}")),
        is_first: asked.after.is_none(),
        orders: orders.rows.into_iter().map(Row::of).collect(),
    };
    page(StatusCode::OK, &list)
}

impl Row {
    fn of(order: OrderSummary) -> Self {
        let number = order.order.to_string();
        let customer = order.customer.map(|customer| customer.to_string());
        Self {
            short: short(&number).to_owned(),
            order: order.order,
            customer: customer.unwrap_or_else(|| "unknown".to_owned()),
            country: order.country,
            is_cancelled: order.status == OrderStatus::Cancelled,
            units: count(order.units),
            total: money(order.total),
            placed_at: minute(order.placed_at),
            machine: machine(order.placed_at),
        }
    }
}

/// What may stand in the address of an order.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Shown {
    notice: String,
    page: Option<String>,
}

#[derive(Template)]
#[template(path = "order/show.html")]
struct OrderPage {
    layout: Layout,
    notice: Option<&'static str>,
    problem: Option<String>,
    order: OrderDetails,
    short: String,
    lines: Vec<Line>,
    slice: Slice,
    history: Option<String>,
    reason: String,
    reason_error: Option<String>,
    form: Uuid,
}

impl OrderPage {
    fn is_cancelled(&self) -> bool {
        self.order.status == OrderStatus::Cancelled
    }
}

/// `GET /orders/{number}`: one order.
pub(crate) async fn show(
    State(shop): State<Shop>,
    visit: Visit,
    Path(number): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, PageError> {
    let mut order = order(&shop, &visit, number.into(), shown.page.as_deref()).await?;
    order.notice = match shown.notice.as_str() {
        "placed" if !order.is_cancelled() => Some("Thank you! Your order is placed."),
        "cancelled" if order.is_cancelled() => Some("The order is cancelled."),
        _ => None,
    };
    page(StatusCode::OK, &order)
}

async fn order(
    shop: &Shop,
    visit: &Visit,
    number: OrderId,
    asked: Option<&str>,
) -> Result<OrderPage, PageError> {
    let order = shop.app().view::<OrderDetails>().get(&number).await?;
    let mut order = order.ok_or_else(|| no_order(&number))?;
    let carts = shop.app().view::<CartOverview>();
    let cart = carts
        .filter(CartOverview::ORDER.eq(Some(number.clone())))
        .page(1)
        .await?;
    let history = cart
        .rows
        .first()
        .map(|cart| format!("/carts/{}/history", cart.cart));
    let lines = std::mem::take(&mut order.lines);
    let slice = Slice::new(asked, lines.len(), LINES);
    let shown = lines.into_iter().skip(slice.first).take(slice.size);
    let short = short(&number.to_string()).to_owned();
    Ok(OrderPage {
        layout: visit.layout(format!("Order {short}"), Section::Orders),
        notice: None,
        problem: None,
        order,
        short,
        lines: shown.collect(),
        slice,
        history,
        reason: String::new(),
        reason_error: None,
        form: Uuid::now_v7(),
    })
}

fn no_order(number: &OrderId) -> PageError {
    let number: String = number.to_string().chars().take(40).collect();
    PageError::not_found(format!(
        "There is no order “{number}”. Look for it among your orders."
    ))
}

/// What the form of a cancellation sends.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Form {
    form: String,
    reason: String,
}

/// `POST /orders/{number}/cancel`: cancels an order as a whole.
pub(crate) async fn cancel(
    State(shop): State<Shop>,
    visit: Visit,
    Path(number): Path<String>,
    Submitted(form): Submitted<Form>,
) -> Result<Response, PageError> {
    let number = OrderId::from(number);
    let reason = form.reason.trim();
    let mut order = order(&shop, &visit, number.clone(), None).await?;
    order.reason = form.reason.clone();
    if reason.chars().count() > LONGEST_REASON {
        let error = format!("Please say it in at most {LONGEST_REASON} characters.");
        order.reason_error = Some(error);
        return page(StatusCode::UNPROCESSABLE_ENTITY, &order);
    }
    let Ok(id) = Uuid::try_parse(&form.form) else {
        let error = "This form came without its number. Please send it once more.";
        order.problem = Some(error.to_owned());
        return page(StatusCode::UNPROCESSABLE_ENTITY, &order);
    };
    let asked = visit.asks(
        id,
        &format!("cancel {reason}"),
        "cancelled on the order's page",
    );
    let why = if reason.is_empty() {
        "no reason given"
    } else {
        reason
    };
    match cancel_order(shop.app(), &asked, number.clone(), why.to_owned()).await {
        Ok(receipt) => {
            let app = shop.app();
            app.wait_for::<OrderDetails>(receipt.position).await?;
            app.wait_for::<OrderSummary>(receipt.position).await?;
            let address = format!("/orders/{}?notice=cancelled", encoded(&number));
            Ok(Redirect::to(&address).into_response())
        }
        Err(ShoppingError::Failed(error)) => Err(PageError::failed(error.as_ref())),
        Err(ShoppingError::NotFound) => Err(no_order(&number)),
        Err(error) => {
            order.problem = Some(sentence(error));
            page(StatusCode::UNPROCESSABLE_ENTITY, &order)
        }
    }
}

fn encoded(number: &OrderId) -> String {
    let number = number.to_string();
    percent_encoding::utf8_percent_encode(&number, percent_encoding::NON_ALPHANUMERIC).to_string()
}
