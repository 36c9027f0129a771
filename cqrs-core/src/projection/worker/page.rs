//! ⑦ A page on its way into the view; when it fails, the guilty event is found and tried again.

use std::time::Instant;

use tokio::sync::{broadcast, watch};
use tracing::Instrument;

use super::read::{LogPage, checkpoint_at};
use super::{End, Holds, Progress, Replayed, Trouble, Work, Worker};
use crate::checkpoint::Checkpoint;
use crate::event::StoredEvent;
use crate::projection::dead_letter::HoldKey;
use crate::projection::fold::PageFold;
use crate::projection::rebuild::{Ended, Source, run};
use crate::projection::scope::Scope;
use crate::projection::{
    FollowerKind, OnFailure, Partition, Projection, RebuildError, RebuildProgress,
};
use crate::query::{Changed, ViewChange};
use crate::store::StoreError;
use crate::stream::Position;
use crate::view::{HeldEvent, LetterChanges, PageWrite, WritePageError};

/// Changes that a slow listener may fall behind before it is told that it missed some.
const CHANGES_KEPT: usize = 256;

/// The work of a projection: the rows of its view, or of one partition of it.
pub(crate) struct RowWork<P: Projection> {
    partition: Partition,
    changes: broadcast::Sender<ViewChange<P::Key>>,
}

impl<P: Projection> RowWork<P> {
    /// Changes are told to whoever listens to `changes`, from every partition.
    pub(crate) fn new(
        partition: Partition,
        changes: broadcast::Sender<ViewChange<P::Key>>,
    ) -> Self {
        Self { partition, changes }
    }

    /// Where a view's changes are told.
    pub(crate) fn changes() -> broadcast::Sender<ViewChange<P::Key>> {
        broadcast::Sender::new(CHANGES_KEPT)
    }

    pub(super) fn partition(&self) -> Partition {
        self.partition
    }

    /// What may be touched while events are held.
    pub(super) fn scope(&self, holds: &Holds) -> Scope {
        Scope::of::<P>(self.partition, holds.rows())
    }

    fn tell(&self, position: Position, keys: Changed<P::Key>) {
        // Nobody may be listening.
        let _ = self.changes.send(ViewChange { position, keys });
    }
}

impl<P: Projection> Work for RowWork<P> {
    type Prepared = PageFold<P>;

    const KIND: FollowerKind = FollowerKind::Projecting;
    const CAN_BE_DONE_ANEW: bool = true;

    fn name(&self) -> &'static str {
        P::NAME
    }

    /// The events decoded and noted, where none of them fails.
    fn prepare(&self, events: &[StoredEvent]) -> Option<PageFold<P>> {
        let mut fold = PageFold::scoped(self.scope(&Holds::default()));
        fold.note(events).is_ok().then_some(fold)
    }

    async fn process(
        worker: &Worker<Self>,
        progress: &mut Progress,
        page: &mut LogPage<Self>,
        to: Checkpoint,
    ) -> Result<(), Trouble> {
        worker.project(progress, page, to).await
    }

    async fn rebuild(
        source: &Source,
        progress: &watch::Sender<RebuildProgress>,
    ) -> Result<Ended, RebuildError> {
        run::<P>(source, progress).await
    }

    async fn replay(
        worker: &Worker<Self>,
        progress: &mut Progress,
        key: &str,
    ) -> Result<Replayed, Trouble> {
        match HoldKey::is_stream(key) {
            true => worker.replay_stream(progress, key).await,
            false => worker.replay_row(progress, key).await,
        }
    }

    fn moved(&self, position: Position) {
        self.tell(position, Changed::Unknown);
    }
}

/// Why a page was not written, and which of its events is to blame where that is known.
pub(super) struct PageError {
    failed: Option<usize>,
    error: WritePageError,
}

/// Folds that outlive their part of a page.
struct Folds<P: Projection> {
    /// Made ahead, of the whole page.
    noted: Option<PageFold<P>>,
    /// Written; freed when nobody waits for it.
    spent: Option<PageFold<P>>,
}

/// Where a page ends.
struct Goal {
    last: Position,
    to: Checkpoint,
}

impl Goal {
    /// The checkpoint after an event of the page.
    fn after(&self, event: &StoredEvent) -> Checkpoint {
        match event.position == self.last {
            true => self.to.clone(),
            false => checkpoint_at(self.to.log_id.unwrap_or_default(), event),
        }
    }
}

/// Events on their way into the view together.
pub(super) struct Part<'a> {
    pub(super) events: &'a [StoredEvent],
    pub(super) scope: Scope,
    /// What changes among the dead letters besides what is held of these events.
    pub(super) letters: LetterChanges,
    pub(super) to: Checkpoint,
}

impl<P: Projection> Worker<RowWork<P>> {
    /// Projects the events, whole if possible; on a failure the part before the guilty event first.
    async fn project(
        &self,
        progress: &mut Progress,
        page: &mut LogPage<RowWork<P>>,
        to: Checkpoint,
    ) -> Result<(), Trouble> {
        let Some(last) = page.events.last() else {
            self.reach(progress, to);
            return Ok(());
        };
        let last = last.position;
        let goal = Goal { last, to };
        // What was noted ahead knows nothing of the keys that are held by now.
        let noted = page.prepared.take().filter(|_| progress.holds.is_empty());
        let mut folds = Folds { noted, spent: None };
        let mut rest = &page.events[..];
        while let Some(first) = rest.first() {
            let free = progress.holds.before_held_stream(rest);
            let done = match free.min(progress.holds.at_once()) {
                0 => self
                    .hold(progress, first, goal.after(first))
                    .await
                    .map(|()| 1)?,
                free => {
                    let part = &rest[..free];
                    self.project_part(progress, part, &mut folds, &goal).await?
                }
            };
            rest = &rest[done..];
        }
        page.prepared = folds.spent;
        Ok(())
    }

    /// Projects some of the events, the first at least, and says how many.
    async fn project_part(
        &self,
        progress: &mut Progress,
        events: &[StoredEvent],
        folds: &mut Folds<P>,
        goal: &Goal,
    ) -> Result<usize, Trouble> {
        let mut pauses = self.source.options.retry.pauses();
        let mut length = events.len();
        let mut attempt = 0;
        loop {
            let part = Part {
                events: &events[..length],
                scope: self.work.scope(&progress.holds),
                letters: LetterChanges::default(),
                to: goal.after(&events[length - 1]),
            };
            let failure = match self.write(progress, part, folds.noted.take()).await {
                Ok(fold) => {
                    folds.spent = Some(fold);
                    return Ok(length);
                }
                Err(failure) => failure,
            };
            length = match self.smaller(failure, length)? {
                Smaller::Part(length) => length,
                Smaller::Guilty(guilt) => {
                    attempt += 1;
                    let Some(pause) = pauses.next() else {
                        let (event, to) = (&events[0], goal.after(&events[0]));
                        let failed = Failed {
                            event,
                            guilt,
                            attempt,
                        };
                        self.give_up(progress, failed, to).await?;
                        return Ok(1);
                    };
                    self.retrying(attempt, &guilt.reason);
                    self.pause_holding(progress, pause).await?;
                    if crate::subscription::stopped(&self.source.stop) {
                        return Err(Trouble::End(End::ShutDown));
                    }
                    1
                }
            };
        }
    }

    /// After the retries: the projection stops, or the event becomes a dead letter.
    async fn give_up(
        &self,
        progress: &mut Progress,
        failed: Failed<'_>,
        to: Checkpoint,
    ) -> Result<(), Trouble> {
        match self.source.options.on_failure {
            OnFailure::DeadLetter if failed.guilt.is_of_the_event => {
                self.bury(progress, failed, LetterChanges::default(), &to)
                    .await?;
                self.reach(progress, to);
                self.count_letters().await
            }
            _ => Err(self.blame(failed.event, &failed.guilt.reason)),
        }
    }

    /// What to try next: the part before the guilty event, or half of the page.
    pub(super) fn smaller(&self, failure: PageError, length: usize) -> Result<Smaller, Trouble> {
        // Of a store's errors only a plain refusal can be about what was written.
        let is_of_the_event = match &failure.error {
            WritePageError::Store(error) => matches!(error, StoreError::Failed { .. }),
            _ => true,
        };
        let reason = match failure.error {
            WritePageError::Fenced => return Err(Trouble::End(End::Fenced)),
            WritePageError::Store(error) if error.is_transient() => return Err(error.into()),
            WritePageError::Store(error) => error.full_text(),
            WritePageError::Fold(error) => error.to_string(),
        };
        let guilt = Guilt {
            reason,
            is_of_the_event,
        };
        Ok(match failure.failed {
            Some(0) => Smaller::Guilty(guilt),
            Some(place) => Smaller::Part(place),
            None if length == 1 => Smaller::Guilty(guilt),
            None => Smaller::Part(length / 2),
        })
    }

    /// The fold comes back, so that its rows are freed when nobody waits for it.
    async fn write(
        &self,
        progress: &mut Progress,
        part: Part<'_>,
        noted: Option<PageFold<P>>,
    ) -> Result<PageFold<P>, PageError> {
        let (events, to) = (part.events.len() as u64, part.to.clone());
        let fold = self.write_part(progress, part, noted).await?;
        self.status.send_modify(|status| status.events += events);
        self.reach(progress, to);
        Ok(fold)
    }

    /// Folds and writes the events; the position that the status shows stays.
    pub(super) async fn write_part(
        &self,
        progress: &mut Progress,
        part: Part<'_>,
        noted: Option<PageFold<P>>,
    ) -> Result<PageFold<P>, PageError> {
        let span = tracing::debug_span!(
            "project",
            projection = P::NAME,
            position = part.to.position.get(),
            events = part.events.len(),
        );
        let ahead = noted.is_some();
        let mut fold = noted.unwrap_or_else(|| PageFold::scoped(part.scope.clone()));
        let noted = match ahead {
            true => Ok(()),
            false => span.in_scope(|| fold.note(part.events)),
        };
        let written = match noted {
            Ok(()) => {
                let written = self.write_fold(progress, &part, &mut fold);
                written.instrument(span).await
            }
            Err(error) => Err(error.into()),
        };
        if let Err(error) = written {
            let failed = match error {
                WritePageError::Fold(_) => fold.failed(),
                _ => None,
            };
            return Err(PageError { failed, error });
        }
        progress.stored = part.to;
        progress.renewed = Instant::now();
        self.status
            .send_modify(|status| status.skipped += fold.skipped());
        if self.work.changes.receiver_count() > 0 {
            let changed = fold.changed();
            if changed != Changed::Keys(Vec::new()) {
                self.work.tell(progress.stored.position, changed);
            }
        }
        Ok(fold)
    }

    async fn write_fold(
        &self,
        progress: &Progress,
        part: &Part<'_>,
        fold: &mut PageFold<P>,
    ) -> Result<(), WritePageError> {
        let (keys, filters) = match part.scope.single() {
            Some((column, key)) => (HoldKey::row(key, column.kind).into_iter().collect(), vec![]),
            None => (fold.keys()?, fold.filters()),
        };
        let mut letters = part.letters.clone();
        let held = fold.held().iter();
        let held = held.map(|(place, key)| HeldEvent::new(key, part.events[*place].position));
        letters.held.extend(held);
        let mut change = |rows| fold.fold(rows);
        let from = progress.stored.position;
        let mut page = PageWrite::new(&progress.claim, from, &part.to, &mut change);
        page.keys = keys;
        page.filters = &filters;
        page.letters = Some(&letters).filter(|letters| !letters.is_empty());
        self.table.write_page(page).await
    }
}

/// Why an event failed.
pub(super) struct Guilt {
    pub(super) reason: String,
    /// Or the store's, which would fail on any event.
    pub(super) is_of_the_event: bool,
}

/// An event that failed for good.
pub(super) struct Failed<'a> {
    pub(super) event: &'a StoredEvent,
    pub(super) guilt: Guilt,
    pub(super) attempt: usize,
}

pub(super) enum Smaller {
    Part(usize),
    /// The first event is to blame.
    Guilty(Guilt),
}
