//! ⑨ The sales page while orders come in: made once for each change, for all who look.

use std::time::Duration;

use askama::Template;
use cqrs::Position;
use cqrs::prelude::*;
use futures_util::{FutureExt, StreamExt};

use super::board::Board;
use super::{CountrySales, DailySales};
use crate::customer::Customer;
use crate::product::Product;
use crate::web::Live;

/// The shortest time between two pictures: an import would make thousands otherwise.
const PAUSE: Duration = Duration::from_millis(250);

/// Shows the figures anew whenever the sales change, as long as anybody looks.
pub(crate) async fn follow(app: App, live: Live) {
    let Ok(mut changes) = app.view::<DailySales>().changes() else {
        return;
    };
    while let Some(change) = changes.next().await {
        let mut position = change.position;
        // What came meanwhile is in the same picture.
        while let Some(Some(change)) = changes.next().now_or_never() {
            position = change.position;
        }
        if live.is_watched() {
            match drawn(&app, position).await {
                Ok(html) => live.show(html),
                Err(error) => tracing::warn!(error, "the live sales were not drawn"),
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Once all views of the picture have come as far as the one that changed.
async fn drawn(
    app: &App,
    position: Position,
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    app.wait_for::<CountrySales>(position).await?;
    app.wait_for::<Product>(position).await?;
    app.wait_for::<Customer>(position).await?;
    Ok(Board::read(app).await?.render()?)
}
