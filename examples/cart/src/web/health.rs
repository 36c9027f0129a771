//! Whether the process lives, and whether it can do its work: for whoever restarts and routes to it.

use axum::extract::State;
use axum::http::StatusCode;
use cqrs::health::{FollowerHealth, Health, Standstill};

use super::Shop;

/// `/healthz`: the process answers.
pub(super) async fn healthz() -> &'static str {
    "alive\n"
}

/// `/readyz`: the store is reachable and no projection stands still; otherwise what is wrong.
pub(super) async fn readyz(State(shop): State<Shop>) -> (StatusCode, String) {
    let problems = problems(&shop.app().health().await);
    match problems.is_empty() {
        true => (StatusCode::OK, "ready\n".to_owned()),
        false => (StatusCode::SERVICE_UNAVAILABLE, problems.join("\n") + "\n"),
    }
}

fn problems(health: &Health) -> Vec<String> {
    let given_up = health
        .subscriptions
        .iter()
        .filter(|mail| has_given_up(mail));
    let followers = health.projections.iter().chain(given_up);
    let problems = followers.filter_map(FollowerHealth::problem);
    health.log.problem().into_iter().chain(problems).collect()
}

/// A confirmation that is tried again must not close the shop.
fn has_given_up(subscription: &FollowerHealth) -> bool {
    matches!(
        subscription.standstill,
        Some(Standstill::Stopped(_) | Standstill::ShutDown)
    )
}
