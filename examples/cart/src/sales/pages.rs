//! ⑨ The sales page for the shopkeeper, and its live stream.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::board::Board;
use crate::web::{Layout, PageError, Section, Shop, Visit, page};

#[derive(Template)]
#[template(path = "sales/show.html")]
struct SalesPage {
    layout: Layout,
    board: Board,
}

/// `GET /sales`: revenue per day and country, the best products and customers.
pub(crate) async fn show(State(shop): State<Shop>, visit: Visit) -> Result<Response, PageError> {
    let sales = SalesPage {
        layout: visit.layout("Sales", Section::Sales),
        board: Board::read(shop.app()).await?,
    };
    page(StatusCode::OK, &sales)
}

/// `GET /sales/live`: the figures now and after every change, as server-sent events.
pub(crate) async fn live(State(shop): State<Shop>) -> Result<Response, PageError> {
    let stream = shop.sales().clone();
    let present = Board::read(shop.app()).await?.render()?;
    Ok(stream.stream(present, &shop).into_response())
}
