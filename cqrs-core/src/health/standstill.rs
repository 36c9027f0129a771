//! Why something that follows the log does not go on by the work of this node.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::LogHealth;
use crate::projection::{
    AnsweredBy, ProjectionFailure, ProjectionState, ProjectionStatus, RebuildProgress,
};
use crate::store::MarkHolder;

/// Why a projection or a subscription does not go on by the work of this node.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Standstill {
    /// It gave up: at which event, and why.
    Stopped(Arc<ProjectionFailure>),
    /// The application was shut down.
    ShutDown,
    /// The log cannot be read.
    LogUnreadable {
        /// Why.
        error: Arc<str>,
    },
    /// An event or a database fails, and is tried again.
    Retrying {
        /// How often it was tried.
        attempt: usize,
        /// What failed.
        error: Arc<str>,
    },
    /// Newer code feeds it, with events that this program does not know.
    Outdated {
        /// The stored names of those events.
        events: Vec<String>,
    },
    /// It is built beside the rows that answer meanwhile, if any do.
    Rebuilding(RebuildProgress),
    /// Another worker holds the lease and feeds it.
    NoLease {
        /// The other worker.
        holder: Uuid,
        /// When its lease runs out unless it is renewed, by this machine's clock.
        until: DateTime<Utc>,
    },
    /// It has taken all that may be read: a transaction holds back the end of the log.
    MarkHeld(MarkHolder),
}

impl Standstill {
    /// The first reason that counts, the gravest before the others.
    pub(super) fn of(status: &ProjectionStatus, log: &LogHealth) -> Option<Self> {
        match &status.state {
            ProjectionState::Stopped(failure) => return Some(Self::Stopped(failure.clone())),
            ProjectionState::ShutDown => return Some(Self::ShutDown),
            _ => {}
        }
        if let Err(error) = &log.head {
            let error = error.full_text().into();
            return Some(Self::LogUnreadable { error });
        }
        let of_state = Self::of_state(&status.state);
        let is_worse = matches!(
            of_state,
            Some(Self::Retrying { .. } | Self::Outdated { .. })
        );
        if let Some(progress) = status.rebuild.as_ref().filter(|_| !is_worse) {
            return Some(Self::Rebuilding(progress.clone()));
        }
        let held_by = || log.held_by().cloned().map(Self::MarkHeld);
        of_state.or_else(|| held_by().filter(|_| status.lag() == 0))
    }

    fn of_state(state: &ProjectionState) -> Option<Self> {
        match state {
            ProjectionState::Retrying { attempt, error } => Some(Self::Retrying {
                attempt: *attempt,
                error: Arc::clone(error),
            }),
            ProjectionState::Outdated { events } => Some(Self::Outdated {
                events: events.clone(),
            }),
            ProjectionState::Standby { holder, until } => Some(Self::NoLease {
                holder: *holder,
                until: *until,
            }),
            _ => None,
        }
    }

    /// Its name in metrics: `stopped`, `shut_down`, `log_unreadable`, `retrying`, `outdated`, `rebuilding`,
    /// `no_lease` or `mark_held`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Stopped(_) => "stopped",
            Self::ShutDown => "shut_down",
            Self::LogUnreadable { .. } => "log_unreadable",
            Self::Retrying { .. } => "retrying",
            Self::Outdated { .. } => "outdated",
            Self::Rebuilding(_) => "rebuilding",
            Self::NoLease { .. } => "no_lease",
            Self::MarkHeld(_) => "mark_held",
        }
    }

    /// Whether somebody should look at it. What holds the mark is told of the log, once.
    pub(super) fn is_wrong(&self, answered_by: AnsweredBy) -> bool {
        match self {
            Self::Stopped(_)
            | Self::ShutDown
            | Self::LogUnreadable { .. }
            | Self::Retrying { .. } => true,
            Self::Rebuilding(_) => answered_by == AnsweredBy::Nothing,
            Self::Outdated { .. } | Self::NoLease { .. } | Self::MarkHeld(_) => false,
        }
    }
}

/// What stands behind the name: *the projection `balances` …*.
impl std::fmt::Display for Standstill {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stopped(failure) => write!(formatter, "has stopped: {}", failure.reason),
            Self::ShutDown => formatter.write_str("was shut down"),
            Self::LogUnreadable { error } => {
                write!(
                    formatter,
                    "stands still, since the log cannot be read: {error}"
                )
            }
            Self::Retrying { attempt: 0, error } => write!(formatter, "tries again: {error}"),
            Self::Retrying { attempt, error } => {
                write!(formatter, "tries again after {attempt} attempts: {error}")
            }
            Self::Outdated { events } => write!(
                formatter,
                "is fed by newer code, since this program does not know `{}`",
                events.join("`, `")
            ),
            Self::Rebuilding(RebuildProgress { done, total, .. }) => {
                write!(formatter, "is being built: {done} of {total} events")
            }
            Self::NoLease { holder, until } => write!(
                formatter,
                "is fed by the worker {holder}, whose lease runs out at {until} unless it is renewed"
            ),
            Self::MarkHeld(holder) => write!(
                formatter,
                "waits for the end of the log, which is held back: {holder}"
            ),
        }
    }
}
