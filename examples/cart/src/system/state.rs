//! States of projections and subscriptions, in words for a page and for a metric's label.

use cqrs::projection::ProjectionState;

/// Every word of [`state_name`].
pub(crate) const STATES: [&str; 9] = [
    "starting",
    "standby",
    "outdated",
    "catching_up",
    "live",
    "retrying",
    "stopped",
    "shut_down",
    "unknown",
];

/// The state in one word.
pub(crate) fn state_name(state: &ProjectionState) -> &'static str {
    match state {
        ProjectionState::Starting => "starting",
        ProjectionState::Standby { .. } => "standby",
        ProjectionState::Outdated { .. } => "outdated",
        ProjectionState::CatchingUp => "catching_up",
        ProjectionState::Live => "live",
        ProjectionState::Retrying { .. } => "retrying",
        ProjectionState::Stopped(_) => "stopped",
        ProjectionState::ShutDown => "shut_down",
        _ => "unknown",
    }
}

/// What there is to say about the state beyond its name.
pub(super) fn explained(state: &ProjectionState) -> Option<String> {
    match state {
        ProjectionState::Standby { until, .. } => Some(format!(
            "another process feeds it; its lease lasts until {}",
            crate::text::moment(until)
        )),
        ProjectionState::Outdated { events } => Some(format!(
            "newer code follows events that this program does not know: {}",
            events.join(", ")
        )),
        ProjectionState::Retrying { attempt, error } => Some(format!("try {attempt}: {error}")),
        ProjectionState::Stopped(failure) => Some(failure.to_string()),
        _ => None,
    }
}
