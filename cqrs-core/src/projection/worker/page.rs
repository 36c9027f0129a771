//! ⑦ A page on its way into the view; when it fails, the guilty event is found and tried again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::Instrument;
use uuid::Uuid;

use super::read::LogPage;
use super::{End, Progress, Trouble, Worker};
use crate::checkpoint::{Checkpoint, EventMark};
use crate::event::StoredEvent;
use crate::projection::fold::PageFold;
use crate::projection::status::FailedEvent;
use crate::projection::{Projection, ProjectionFailure};
use crate::view::{PageWrite, WritePageError};

/// Why a page was not written, and which of its events is to blame where that is known.
struct PageError {
    failed: Option<usize>,
    error: WritePageError,
}

impl<P: Projection> Worker<P> {
    /// Projects the events, whole if possible; on a failure the part before the guilty event first.
    pub(super) async fn project(
        &self,
        progress: &mut Progress,
        page: &mut LogPage<P>,
        to: Checkpoint,
    ) -> Result<(), Trouble> {
        if page.events.is_empty() {
            self.reach(progress, to);
            return Ok(());
        }
        let mut noted = page.fold.take();
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
                    page.fold = Some(fold);
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

    /// A pause may be longer than the lease, which would hand the failing event to the next worker.
    async fn pause_holding(&self, progress: &mut Progress, pause: Duration) -> Result<(), Trouble> {
        let slice = self.options.lease / 3;
        let mut left = pause;
        while !left.is_zero() && !crate::subscription::stopped(&self.stop) {
            self.pause(left.min(slice)).await;
            left = left.saturating_sub(slice);
            if progress.renewed.elapsed() >= slice {
                self.store_checkpoint(progress).await?;
            }
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
        if self.changes.receiver_count() > 0 {
            self.tell(position, fold.changed());
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

    /// Moves the stored checkpoint to what is reached, which also renews the lease.
    pub(super) async fn store_checkpoint(&self, progress: &mut Progress) -> Result<(), Trouble> {
        let from = progress.stored.position;
        let page = PageWrite::checkpoint(&progress.claim, from, &progress.reached);
        match self.table.write_page(page).await {
            Ok(()) => {
                progress.stored = progress.reached.clone();
                progress.renewed = Instant::now();
                Ok(())
            }
            Err(WritePageError::Fenced) => Err(Trouble::End(End::Fenced)),
            Err(WritePageError::Store(error)) => Err(Trouble::Store(error)),
            Err(WritePageError::Fold(error)) => {
                Err(Trouble::End(End::Failed(self.failure(error.to_string()))))
            }
        }
    }

    fn reach(&self, progress: &mut Progress, to: Checkpoint) {
        self.status
            .send_modify(|status| status.position = to.position);
        progress.reached = to;
    }
}

enum Smaller {
    Part(usize),
    /// The first event is to blame, with this error.
    Guilty(String),
}

pub(super) fn checkpoint_at(log_id: Uuid, event: &StoredEvent) -> Checkpoint {
    let mark = EventMark {
        position: event.position,
        id: event.id,
    };
    Checkpoint::new(log_id, event.position, Some(mark))
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
