//! ⑥ What a worker tells of itself: its state, its troubles, why it ended.

use std::sync::Arc;

use super::{End, Trouble, Work, Worker};
use crate::event::StoredEvent;
use crate::projection::status::FailedEvent;
use crate::projection::{ProjectionFailure, ProjectionState};
use crate::subscription::LogTrouble;

impl<W: Work> Worker<W> {
    pub(super) fn set_state(&self, state: ProjectionState) {
        self.status.send_if_modified(|status| {
            let same = std::mem::discriminant(&status.state) == std::mem::discriminant(&state);
            let quiet = same && !matches!(state, ProjectionState::Retrying { .. });
            status.state = state;
            !quiet
        });
    }

    /// Everything is read that is known of, which says nothing while the log cannot be read.
    pub(super) fn say_whether_live(&self) {
        let trouble = self.source.trouble.borrow().clone();
        self.set_state(match trouble {
            None => ProjectionState::Live,
            Some(LogTrouble { attempt, error }) => {
                self.note_error(&error);
                ProjectionState::Retrying { attempt, error }
            }
        });
    }

    pub(crate) fn retrying(&self, attempt: usize, error: &str) {
        tracing::warn!(
            projection = self.work.name(),
            attempt,
            error,
            "projection retries"
        );
        self.note_error(error);
        let error = error.into();
        self.set_state(ProjectionState::Retrying { attempt, error });
    }

    pub(crate) fn note_error(&self, error: &str) {
        self.status
            .send_modify(|status| status.last_error = Some(error.into()));
    }

    /// The end of it all, by the fault of an event.
    pub(crate) fn blame(&self, event: &StoredEvent, reason: &str) -> Trouble {
        Trouble::End(End::Failed(Arc::new(ProjectionFailure {
            kind: W::KIND,
            projection: self.work.name(),
            event: Some(FailedEvent::from(event)),
            reason: reason.to_owned(),
        })))
    }

    pub(super) fn failure(&self, reason: String) -> Arc<ProjectionFailure> {
        Arc::new(ProjectionFailure {
            kind: W::KIND,
            projection: self.work.name(),
            event: None,
            reason,
        })
    }

    pub(crate) fn count_event(&self) {
        self.status.send_modify(|status| status.events += 1);
    }
}
