//! ⑦ Events that newer code follows: what the view has passed by is built anew.

use tokio::sync::watch;

use super::{End, Progress, Work, Worker};
use crate::event::StoredEvent;
use crate::projection::rebuild::Ended;
use crate::projection::{ProjectionState, RebuildError, RebuildProgress, StartFrom};
use crate::store::{ReadLog, StoreError};
use crate::stream::Position;

impl<W: Work> Worker<W> {
    /// Whether the view has passed by an event that it follows only since then.
    pub(super) async fn has_passed_by(&self, progress: &Progress) -> Result<bool, StoreError> {
        let added = self.table.added_events().await?;
        if added.is_empty() {
            return Ok(false);
        }
        let after = match self.source.options.start_from {
            StartFrom::Beginning => Some(Position::START),
            StartFrom::Position(position) => Some(position),
            // It shows what happens from now on, whenever that was.
            StartFrom::Now => None,
        };
        if let Some(after) = after {
            let mut first = ReadLog::between(after, progress.stored.position, 1);
            let is_added = |name: &&str| added.iter().any(|added| added == name);
            first.names = Some(
                self.source
                    .schema
                    .events
                    .iter()
                    .copied()
                    .filter(is_added)
                    .collect(),
            );
            let passed = self.source.events.read_log(&first).await?;
            if !passed.is_empty() && W::CAN_BE_DONE_ANEW {
                return Ok(true);
            }
            if let Some(event) = passed.first() {
                self.passed_by(event);
            }
        }
        self.table.settle_events(&progress.claim).await?;
        Ok(false)
    }

    /// An event that nobody followed when its turn was is not handed over later.
    fn passed_by(&self, event: &StoredEvent) {
        let (name, position) = (&event.name, event.position);
        let reason = format!(
            "events that are followed only now were passed by, the first of them `{name}` at position {position}; subscribe before the first of them is stored, or under another name"
        );
        tracing::warn!(projection = self.work.name(), "{reason}");
        self.note_error(&reason);
    }

    /// Builds the view anew while its rows answer as they are, or waits for the process that does.
    pub(super) async fn rebuild(&self) -> Result<(), End> {
        tracing::info!(
            projection = self.work.name(),
            "rebuild: the view follows events that it has passed by"
        );
        self.set_state(ProjectionState::CatchingUp);
        let progress = watch::Sender::new(RebuildProgress::new(self.work.name()));
        let mut told = progress.subscribe();
        let done = Box::pin(W::rebuild(&self.source, &progress));
        tokio::pin!(done);
        let ended = loop {
            tokio::select! {
                ended = &mut done => break ended,
                _ = told.changed() => {
                    let now = told.borrow_and_update().clone();
                    self.status.send_modify(|status| status.rebuild = Some(now));
                }
            }
        };
        match ended {
            // Where even newer code is at work, the next claim says so.
            Ok(Ended::Rebuilt) | Err(RebuildError::Outdated { .. }) => Ok(()),
            Ok(Ended::ShutDown) => Err(End::ShutDown),
            Err(RebuildError::Failed { failure, .. }) => Err(End::Failed(failure)),
            Err(error) => Err(End::Failed(self.failure(crate::store::full_text(&error)))),
        }
    }

    /// Says once that newer code is at work.
    pub(super) fn outdated(&self, events: &[String]) {
        if matches!(self.status.borrow().state, ProjectionState::Outdated { .. }) {
            return;
        }
        let events = events.join(", ");
        let reason = format!(
            "newer code follows events that this code does not, so this node stands by: {events}; where they were taken out on purpose, raise the projection's `version`"
        );
        tracing::warn!(projection = self.work.name(), "{reason}");
        self.note_error(&reason);
    }
}
