//! How an application is: its log, and where everything stands that follows it.

mod standstill;

pub use self::standstill::Standstill;

use std::time::Duration;

use crate::projection::{FollowerKind, ProjectionStatus};
use crate::store::{LogHead, LogMark, MarkHolder, StoreError};

/// A transaction that holds the mark back for so long is none that appends.
pub(crate) const LONG_HELD: Duration = Duration::from_secs(10);

/// How an application is, as [`App::health`](crate::app::App::health) saw it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Health {
    /// The log.
    pub log: LogHealth,
    /// Each projection, in the order of registration.
    pub projections: Vec<FollowerHealth>,
    /// Each subscription.
    pub subscriptions: Vec<FollowerHealth>,
}

/// How the log is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LogHealth {
    /// Where it ends, or why it cannot be read.
    pub head: Result<LogHead, StoreError>,
    /// Up to where it is final and who holds that back, in a store with several writers.
    pub mark: Option<LogMark>,
}

/// How a projection is on this node, or a subscription.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FollowerHealth {
    /// What it is.
    pub kind: FollowerKind,
    /// Its name, state, position, lag, dead letters and last error.
    pub status: ProjectionStatus,
    /// How long ago the first event was recorded that it has not taken; `None` where it has taken all, or
    /// the log cannot be read.
    pub behind: Option<Duration>,
    /// Why it does not go on by the work of this node; `None` where it does.
    pub standstill: Option<Standstill>,
}

impl Health {
    pub(crate) fn new(log: LogHealth) -> Self {
        Self {
            log,
            projections: Vec::new(),
            subscriptions: Vec::new(),
        }
    }

    /// What is wrong, a sentence each, with what to do; empty where all is well.
    ///
    /// Another node's lease is nothing wrong, nor is a rebuild while the older rows answer.
    pub fn problems(&self) -> Vec<String> {
        let followers = self.projections.iter().chain(&self.subscriptions);
        let followers = followers.filter_map(FollowerHealth::problem);
        self.log.problem().into_iter().chain(followers).collect()
    }
}

impl LogHealth {
    /// Who has held the mark back for longer than an append takes: views cannot show what is behind it.
    pub fn held_by(&self) -> Option<&MarkHolder> {
        let holder = self.mark.as_ref()?.holder.as_ref()?;
        holder
            .held_for()
            .is_some_and(|held| held >= LONG_HELD)
            .then_some(holder)
    }

    /// What is wrong with the log, as a sentence.
    pub fn problem(&self) -> Option<String> {
        if let Err(error) = &self.head {
            return Some(format!("the log cannot be read: {}", error.full_text()));
        }
        let behind = self.mark.as_ref().map_or(0, LogMark::behind);
        let holder = self.held_by()?;
        Some(format!(
            "the end of the log stands still, {behind} positions back: {holder}; end it"
        ))
    }
}

impl FollowerHealth {
    pub(crate) fn new(kind: FollowerKind, status: ProjectionStatus, log: &LogHealth) -> Self {
        let standstill = Standstill::of(&status, log);
        Self {
            kind,
            status,
            behind: None,
            standstill,
        }
    }

    /// What is wrong with it, as a sentence that names it.
    pub fn problem(&self) -> Option<String> {
        let standstill = self.standstill.as_ref()?;
        let is_wrong = standstill.is_wrong(self.status.answered_by);
        is_wrong.then(|| match standstill {
            // It names itself.
            Standstill::Stopped(failure) => failure.to_string(),
            other => format!("the {} `{}` {other}", self.kind, self.status.name),
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, Utc};
    use uuid::Uuid;

    use super::*;
    use crate::projection::{AnsweredBy, ProjectionState};
    use crate::stream::Position;

    fn log_held_for(seconds: i64) -> LogHealth {
        let mut mark = LogMark::new(Position::new(5), Position::new(9));
        mark.holder = Some(MarkHolder {
            prepared: Some("forgotten".to_owned()),
            since: Some(Utc::now() - TimeDelta::seconds(seconds)),
            ..MarkHolder::default()
        });
        LogHealth {
            head: Ok(LogHead {
                log_id: Uuid::nil(),
                position: Position::new(5),
                event: None,
            }),
            mark: Some(mark),
        }
    }

    fn follower(state: ProjectionState, log: &LogHealth) -> FollowerHealth {
        let mut status = ProjectionStatus::new("balances");
        status.state = state;
        FollowerHealth::new(FollowerKind::Projecting, status, log)
    }

    #[test]
    fn who_holds_the_mark_for_long_is_named_and_an_append_is_not() {
        let log = log_held_for(0);
        let live = follower(ProjectionState::Live, &log);
        assert!(log.problem().is_none() && live.standstill.is_none());

        let log = log_held_for(75);
        let problem = log.problem().unwrap();
        assert!(problem.contains("4 positions back"), "{problem}");
        assert!(problem.contains("`forgotten`, open for 75 s"), "{problem}");
        let live = follower(ProjectionState::Live, &log);
        assert!(matches!(live.standstill, Some(Standstill::MarkHeld(_))));
    }

    #[test]
    fn a_live_view_of_a_log_that_cannot_be_read_stands_still() {
        let mut log = log_held_for(0);
        log.head = Err(StoreError::Unreachable {
            store: "the log".to_owned(),
            reason: "it is away".to_owned(),
        });
        for state in [ProjectionState::Live, ProjectionState::CatchingUp] {
            let problem = follower(state, &log).problem().unwrap();
            assert!(problem.contains("the projection `balances`"), "{problem}");
            assert!(problem.contains("it is away"), "{problem}");
        }
    }

    #[test]
    fn the_lease_of_another_worker_is_named_and_nothing_wrong() {
        let (holder, until) = (Uuid::from_u128(7), Utc::now());
        let standby = follower(ProjectionState::Standby { holder, until }, &log_held_for(0));
        let standstill = standby.standstill.as_ref().unwrap().to_string();
        assert!(standstill.contains(&holder.to_string()), "{standstill}");
        assert!(standby.problem().is_none());
    }

    #[test]
    fn a_view_that_nothing_answers_for_is_not_ready() {
        let log = log_held_for(0);
        let mut health = follower(ProjectionState::CatchingUp, &log);
        let progress = crate::projection::RebuildProgress::new("balances");
        health.standstill = Some(Standstill::Rebuilding(progress));
        health.status.answered_by = AnsweredBy::OlderView;
        assert!(health.problem().is_none());
        health.status.answered_by = AnsweredBy::Nothing;
        let problem = health.problem().unwrap();
        assert!(problem.contains("0 of 0"), "{problem}");
    }
}
