//! ⑧ A table that has caught up takes the place of the one that answered.

use std::sync::Arc;

use super::{End, Progress, Trouble, Work, Worker};
use crate::checkpoint::Checkpoint;
use crate::projection::rebuild::Source;
use crate::projection::{AnsweredBy, FollowerKind};
use crate::view::{Answering, SwapOutcome, ViewTable};

impl<W: Work> Worker<W> {
    /// Everything is read: a view that was built beside another one takes its place, any other waits.
    pub(super) async fn caught_up(&mut self, progress: &mut Progress) -> Result<(), Trouble> {
        let is_itself = || matches!(*self.answering.borrow(), Answering::Itself);
        if is_itself() {
            return self.idle(progress).await;
        }
        self.swap(progress).await?;
        self.look_what_answers().await;
        match is_itself() {
            true => Ok(()),
            // A table further on answers, or another partition has passed by an event.
            false => self.idle(progress).await,
        }
    }

    /// Whether the table answers from now on. It does not while another one has come further.
    pub(super) async fn swap(&self, progress: &mut Progress) -> Result<bool, Trouble> {
        if progress.stored != progress.reached {
            self.store_checkpoint(progress).await?;
        }
        let mut lost: Option<Checkpoint> = None;
        loop {
            match self.table.swap(&progress.claim, lost.as_ref()).await? {
                SwapOutcome::Swapped => return Ok(true),
                SwapOutcome::Fenced => return Err(Trouble::End(End::Fenced)),
                SwapOutcome::Lacks { events } => return Err(Trouble::End(End::Lacks(events))),
                // A table that stands where the log was set back would never be reached.
                SwapOutcome::Behind(further)
                    if lost.as_ref() != Some(&further) && !self.still_in_log(&further).await? =>
                {
                    lost = Some(further);
                }
                SwapOutcome::Behind(_) => return Ok(false),
            }
        }
    }

    /// Looks what answers: another worker may have let the table answer, or it was dropped while
    /// nobody used it and made anew.
    pub(super) async fn look_what_answers(&self) {
        if W::KIND == FollowerKind::Handling {
            return;
        }
        // One worker of a view after the other, so that none tells what it saw before another did.
        let turn = Arc::clone(&self.looking);
        let _turn = turn.lock().await;
        // The next look is not far.
        if let Ok(answering) = self.table.answering().await {
            self.answered(answering);
        }
    }

    /// Queries are told before those who wait for the view are.
    fn answered(&self, answering: Answering) {
        let by = AnsweredBy::from(&answering);
        self.answering.send_replace(answering);
        let changed = self.status.send_if_modified(|status| {
            let changed = status.answered_by != by;
            status.answered_by = by;
            if by == AnsweredBy::View {
                status.rebuild = None;
            }
            changed
        });
        if changed {
            self.work.moved(self.status.borrow().position);
        }
    }

    /// Says how far a view is that does not answer yet.
    pub(super) fn measure(&self, progress: &Progress) {
        if matches!(*self.answering.borrow(), Answering::Itself) {
            return;
        }
        let (position, meter) = (progress.reached.position, &progress.meter);
        self.status.send_if_modified(|status| {
            status.rebuild = Some(meter.progress(self.work.name(), position, status.head));
            true
        });
    }

    /// Now and then; a table that stays longer than it must does no harm.
    pub(super) async fn drop_unused(&mut self) {
        let unused = self.source.options.drop_unused_after;
        if self.dropped.elapsed() < unused / 4 {
            return;
        }
        self.dropped = std::time::Instant::now();
        drop_unused(self.table.as_ref(), &self.source).await;
    }
}

/// Nothing depends on it, so an error is only told.
pub(crate) async fn drop_unused(table: &dyn ViewTable, source: &Source) {
    if let Err(error) = table.drop_unused(source.options.drop_unused_after).await {
        let (view, error) = (source.schema.name, error.full_text());
        tracing::warn!(view, error, "unused tables not dropped");
    }
}
