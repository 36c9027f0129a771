//! Every address of the shop, and the layers that a request passes.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use super::{PageError, Shop};
use super::{assets, csrf, error, headers, health, limits, metrics, session};
use crate::cart::{forms, history, pages as cart};
use crate::order::pages as orders;
use crate::product::pages as products;
use crate::sales::pages as sales;
use crate::system::{letters, pages as system};

/// The shop as a service.
pub fn router(shop: Shop) -> Router {
    let pages = limited(protected(pages()), &shop);
    // What a machine asks is neither limited nor made a page.
    pages
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::metrics))
        .layer(from_fn_with_state(shop.clone(), metrics::count))
        .layer(from_fn(headers::secure))
        .layer(TraceLayer::new_for_http())
        .with_state(shop)
}

fn pages() -> Router<Shop> {
    Router::new()
        .route("/", get(products::list))
        .route("/products/{code}", get(products::show))
        .route("/cart", get(cart::show))
        .route("/cart/items", post(forms::add))
        .route("/cart/items/{code}/quantity", post(forms::change))
        .route("/cart/items/{code}/remove", post(forms::remove))
        .route("/cart/checkout", post(forms::check_out))
        .route("/carts/{id}/history", get(history::show))
        .route("/orders", get(orders::list))
        .route("/orders/{number}", get(orders::show))
        .route("/orders/{number}/cancel", post(orders::cancel))
        .route("/sales", get(sales::show))
        .route("/sales/live", get(sales::live))
        .route("/system", get(system::show))
        .route("/system/rebuilds", post(system::rebuild))
        .route("/system/letters/{owner}", post(letters::retry_all))
        .route("/system/letters/{owner}/{letter}", get(letters::show))
        .route(
            "/system/letters/{owner}/{letter}/retry",
            post(letters::retry),
        )
        .route(
            "/system/letters/{owner}/{letter}/discard",
            post(letters::discard),
        )
        .route("/assets/icon.svg", get(assets::icon))
        .route("/assets/{name}", get(assets::asset))
        .fallback(nothing)
}

async fn nothing() -> impl IntoResponse {
    PageError::not_found(
        "There is no page at this address. The products are a good place to begin.",
    )
}

/// Who visits, and from where; the first one here is the innermost.
fn protected(pages: Router<Shop>) -> Router<Shop> {
    pages
        .layer(from_fn(session::keep))
        .layer(from_fn(csrf::protect))
        // The limit of tower-http holds; this one, of axum, would say the same in other words.
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(limits::LARGEST_BODY))
}

/// How much and how long; whatever says no, the visitor sees a page.
fn limited(pages: Router<Shop>, shop: &Shop) -> Router<Shop> {
    let busy = StatusCode::SERVICE_UNAVAILABLE;
    let pages = pages.layer(TimeoutLayer::with_status_code(busy, limits::LONGEST_ANSWER));
    let pages = match shop.limit() {
        Some(limit) => pages.layer(limits::layer(limit)),
        None => pages,
    };
    pages
        .layer(CatchPanicLayer::new())
        .layer(from_fn(error::as_pages))
}
