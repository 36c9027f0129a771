//! Whether the process lives, and whether it can do its work: for whoever restarts and routes to it.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use cqrs::prelude::*;
use cqrs::projection::ProjectionState;

use super::Shop;

/// A store that takes longer to say where the log ends is not reachable.
const PATIENCE: Duration = Duration::from_secs(5);

/// `/healthz`: the process answers.
pub(super) async fn healthz() -> &'static str {
    "alive\n"
}

/// `/readyz`: the store is reachable and nothing that follows the log has stopped; otherwise what is wrong.
pub(super) async fn readyz(State(shop): State<Shop>) -> (StatusCode, String) {
    let mut problems = stopped(shop.app());
    match tokio::time::timeout(PATIENCE, shop.app().head()).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => problems.push(format!("the store cannot be read: {error}")),
        Err(_) => problems.push("the store does not answer".to_owned()),
    }
    match problems.is_empty() {
        true => (StatusCode::OK, "ready\n".to_owned()),
        false => (StatusCode::SERVICE_UNAVAILABLE, problems.join("\n") + "\n"),
    }
}

fn stopped(app: &App) -> Vec<String> {
    let followers = app.projections().into_iter().chain(app.subscriptions());
    let problems = followers.filter_map(|status| match status.state {
        ProjectionState::Stopped(failure) => Some(failure.to_string()),
        ProjectionState::ShutDown => Some(format!("`{}` was shut down", status.name)),
        _ => None,
    });
    problems.collect()
}
