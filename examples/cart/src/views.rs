//! Every view of the shop, for whoever opens it.

use cqrs::AppBuilder;
use cqrs::Position;
use cqrs::prelude::*;
use cqrs::projection::ProjectionOptions;
use cqrs::query::QueryError;

use crate::cart::CartOverview;
use crate::credit_note::CreditNoteSummary;
use crate::customer::Customer;
use crate::order::{OrderDetails, OrderSummary};
use crate::product::Product;
use crate::refusal::{RefusedByReason, RefusedLineDetails};
use crate::sales::{CountrySales, DailySales};

/// Adds every view to an application that is about to be opened.
pub fn with_views(app: AppBuilder, options: ProjectionOptions) -> AppBuilder {
    app.project_with::<CartOverview>(options.clone())
        .project_with::<OrderSummary>(options.clone())
        .project_with::<OrderDetails>(options.clone())
        .project_with::<Product>(options.clone())
        .project_with::<Customer>(options.clone())
        .project_with::<DailySales>(options.clone())
        .project_with::<CountrySales>(options.clone())
        .project_with::<CreditNoteSummary>(options.clone())
        .project_with::<RefusedLineDetails>(options.clone())
        .project_with::<RefusedByReason>(options)
}

/// Waits until every view shows everything up to a position, as long as they make progress.
///
/// # Errors
///
/// [`QueryError`] when a projection stops, or none of them moves any more.
pub async fn catch_up(app: &App, position: Position) -> Result<(), QueryError> {
    loop {
        let before = slowest(app);
        match app.wait_for_all(position).await {
            Err(QueryError::TimedOut { .. }) if slowest(app) > before => {}
            done => return done,
        }
    }
}

/// How far the slowest view has come.
pub fn slowest(app: &App) -> Position {
    let positions = app.projections().into_iter().map(|status| status.position);
    positions.min().unwrap_or_default()
}
