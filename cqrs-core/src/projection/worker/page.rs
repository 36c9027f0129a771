//! ⑦ A page on its way into the view; when it fails, the guilty event is found and tried again.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{broadcast, watch};
use tracing::Instrument;
use uuid::Uuid;

use super::read::{LogPage, checkpoint_at};
use super::{End, Progress, Trouble, Work, Worker};
use crate::checkpoint::Checkpoint;
use crate::event::StoredEvent;
use crate::projection::fold::PageFold;
use crate::projection::rebuild::{Ended, Source, run};
use crate::projection::status::FailedEvent;
use crate::projection::{Projection, ProjectionFailure, RebuildError, RebuildProgress};
use crate::query::{Changed, ViewChange};
use crate::stream::Position;
use crate::view::{PageWrite, WritePageError};

/// Changes that a slow listener may fall behind before it is told that it missed some.
const CHANGES_KEPT: usize = 256;

/// The work of a projection: the rows of its view.
pub(crate) struct RowWork<P: Projection> {
    changes: broadcast::Sender<ViewChange<P::Key>>,
}

impl<P: Projection> RowWork<P> {
    pub(crate) fn new() -> (Self, broadcast::Sender<ViewChange<P::Key>>) {
        let (changes, _) = broadcast::channel(CHANGES_KEPT);
        let work = Self {
            changes: changes.clone(),
        };
        (work, changes)
    }

    fn tell(&self, position: Position, keys: Changed<P::Key>) {
        // Nobody may be listening.
        let _ = self.changes.send(ViewChange { position, keys });
    }
}

impl<P: Projection> Work for RowWork<P> {
    type Prepared = PageFold<P>;

    const CAN_BE_DONE_ANEW: bool = true;

    fn name(&self) -> &'static str {
        P::NAME
    }

    fn events(&self) -> Vec<&'static str> {
        let events = P::EVENTS.iter().copied().flatten();
        events.map(|event| event.name).collect()
    }

    /// The events decoded and noted, where none of them fails.
    fn prepare(&self, events: &[StoredEvent]) -> Option<PageFold<P>> {
        let mut fold = PageFold::default();
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

    fn moved(&self, position: Position) {
        self.tell(position, Changed::Unknown);
    }
}

/// Why a page was not written, and which of its events is to blame where that is known.
struct PageError {
    failed: Option<usize>,
    error: WritePageError,
}

impl<P: Projection> Worker<RowWork<P>> {
    /// Projects the events, whole if possible; on a failure the part before the guilty event first.
    pub(super) async fn project(
        &self,
        progress: &mut Progress,
        page: &mut LogPage<RowWork<P>>,
        to: Checkpoint,
    ) -> Result<(), Trouble> {
        if page.events.is_empty() {
            self.reach(progress, to);
            return Ok(());
        }
        let mut noted = page.prepared.take();
        let mut rest = &page.events[..];
        let mut length = rest.len();
        let mut pauses = self.options.retry.pauses();
        let mut attempt = 0;
        while !rest.is_empty() {
            let part = &rest[..length];
            let to = match length == rest.len() {
                true => to.clone(),
                false => checkpoint_at(log_id(&to), &part[length - 1]),
            };
            let failure = match self.write(progress, part, noted.take(), to).await {
                Ok(fold) => {
                    page.prepared = Some(fold);
                    rest = &rest[length..];
                    length = rest.len();
                    pauses = self.options.retry.pauses();
                    attempt = 0;
                    continue;
                }
                Err(failure) => failure,
            };
            length = match self.smaller(failure, length)? {
                Smaller::Part(length) => length,
                Smaller::Guilty(error) => {
                    attempt += 1;
                    let Some(pause) = pauses.next() else {
                        return Err(Trouble::End(End::Failed(blame::<P>(&rest[0], &error))));
                    };
                    self.retrying(attempt, &error);
                    self.pause_holding(progress, pause).await?;
                    if crate::subscription::stopped(&self.stop) {
                        return Err(Trouble::End(End::ShutDown));
                    }
                    1
                }
            };
        }
        Ok(())
    }

    /// What to try next: the part before the guilty event, or half of the page.
    fn smaller(&self, failure: PageError, length: usize) -> Result<Smaller, Trouble> {
        let text = match failure.error {
            WritePageError::Fenced => return Err(Trouble::End(End::Fenced)),
            WritePageError::Store(error) if error.is_transient() => return Err(error.into()),
            WritePageError::Store(error) => error.full_text(),
            WritePageError::Fold(error) => error.to_string(),
        };
        Ok(match failure.failed {
            Some(0) => Smaller::Guilty(text),
            Some(place) => Smaller::Part(place),
            None if length == 1 => Smaller::Guilty(text),
            None => Smaller::Part(length / 2),
        })
    }

    /// The fold comes back, so that its rows are freed when nobody waits for it.
    async fn write(
        &self,
        progress: &mut Progress,
        events: &[StoredEvent],
        noted: Option<PageFold<P>>,
        to: Checkpoint,
    ) -> Result<PageFold<P>, PageError> {
        let span = tracing::debug_span!(
            "project",
            projection = P::NAME,
            position = to.position.get(),
            events = events.len(),
        );
        let ahead = noted.is_some();
        let mut fold = noted.unwrap_or_default();
        let noted = match ahead {
            true => Ok(()),
            false => span.in_scope(|| fold.note(events)),
        };
        let written = match noted {
            Ok(()) => {
                let written = self.write_fold(progress, &to, &mut fold);
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
        progress.stored = to.clone();
        progress.renewed = Instant::now();
        self.status.send_modify(|status| {
            status.events += events.len() as u64;
            status.skipped += fold.skipped();
        });
        let position = to.position;
        self.reach(progress, to);
        if self.work.changes.receiver_count() > 0 {
            self.work.tell(position, fold.changed());
        }
        Ok(fold)
    }

    async fn write_fold(
        &self,
        progress: &Progress,
        to: &Checkpoint,
        fold: &mut PageFold<P>,
    ) -> Result<(), WritePageError> {
        let keys = fold.keys()?;
        let filters = fold.filters();
        let mut change = |rows| fold.fold(rows);
        let from = progress.stored.position;
        let mut page = PageWrite::new(&progress.claim, from, to, &mut change);
        page.keys = keys;
        page.filters = &filters;
        self.table.write_page(page).await
    }
}

enum Smaller {
    Part(usize),
    /// The first event is to blame, with this error.
    Guilty(String),
}

fn log_id(checkpoint: &Checkpoint) -> Uuid {
    checkpoint.log_id.unwrap_or_default()
}

fn blame<P: Projection>(event: &StoredEvent, error: &str) -> Arc<ProjectionFailure> {
    Arc::new(ProjectionFailure {
        projection: P::NAME,
        event: Some(FailedEvent {
            position: event.position,
            stream: event.stream.clone(),
            version: event.version,
            name: event.name.clone(),
        }),
        reason: error.to_owned(),
    })
}
