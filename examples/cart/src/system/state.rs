//! States of projections and subscriptions, in words for a page and for a metric's label.

use cqrs::projection::{ProjectionState, ProjectionStatus};

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

/// What there is to say beyond the state's name.
pub(super) fn explained(status: &ProjectionStatus) -> Option<String> {
    let told = [shared(status), of_state(&status.state)];
    let told: Vec<String> = told.into_iter().flatten().collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// Which partitions this process feeds of a view that is shared with others.
fn shared(status: &ProjectionStatus) -> Option<String> {
    let all = status.partitions.len();
    let fed = status.partitions.iter().enumerate();
    let fed = fed.filter(|(_, partition)| partition.state.is_feeding());
    let fed: Vec<String> = fed.map(|(number, _)| number.to_string()).collect();
    match fed.len() {
        0 => None,
        some if some == all => Some(format!("this process feeds all {all} partitions")),
        _ => Some(format!(
            "this process feeds {} of {all} partitions: {}",
            fed.len(),
            fed.join(", ")
        )),
    }
}

fn of_state(state: &ProjectionState) -> Option<String> {
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
