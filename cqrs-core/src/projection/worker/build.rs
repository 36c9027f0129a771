//! ⑦ A view that is built anew by call: the pages of a worker, then the swap.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use uuid::Uuid;

use super::{End, Opened, Progress, RowWork, Trouble, Worker};
use crate::checkpoint::{Claim, ClaimRequest};
use crate::projection::rebuild::{Attempt, Source};
use crate::projection::{Projection, RebuildError, RebuildProgress};
use crate::store::StoreError;
use crate::subscription::stopped;
use crate::view::{Answering, BuildOutcome, ViewTable};

/// How soon a swap is tried again that met a table which had come further.
const BEHIND_POLL: Duration = Duration::from_millis(20);

/// Gives the lease of a build back, also when the caller's future is dropped.
struct Returned {
    table: Arc<dyn ViewTable>,
    claim: Claim,
}

impl Drop for Returned {
    fn drop(&mut self) {
        let (table, claim) = (Arc::clone(&self.table), self.claim.clone());
        // Without a runtime the lease expires by itself.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move { table.release(&claim).await });
        }
    }
}

impl<P: Projection> Worker<RowWork<P>> {
    pub(in crate::projection) async fn begin_build(
        source: &Source,
    ) -> Result<BuildOutcome, StoreError> {
        let initial = source.options.initial(source.events.head().await?);
        let request = ClaimRequest::new(Uuid::new_v4(), source.options.lease, &initial);
        let request = request.following(&source.schema.events);
        source.views.build(&source.schema, request).await
    }

    /// Fills the table from the first event on and swaps it in.
    pub(in crate::projection) async fn build(
        source: &Source,
        table: Arc<dyn ViewTable>,
        claim: Claim,
        progress: &watch::Sender<RebuildProgress>,
    ) -> Result<Attempt, RebuildError> {
        let _returned = Returned {
            table: Arc::clone(&table),
            claim: claim.clone(),
        };
        let checkpoint = table.checkpoint().await.map_err(store::<P>)?;
        let opened = Opened {
            table,
            answering: Answering::Nothing,
        };
        let (mut worker, _handle) = Self::new(RowWork::new().0, source, opened);
        let mut reached = Progress::new(claim, checkpoint);
        let mut pauses = crate::execute::retry::on_unreachable_store().pauses();
        loop {
            if stopped(&source.stop) {
                return Ok(Attempt::ShutDown);
            }
            // A store in memory never waits, and a long rebuild would hold its thread to the end.
            tokio::task::yield_now().await;
            match worker.build_step(&mut reached).await {
                Ok(swapped) => {
                    let head = worker.status.borrow().head;
                    let position = reached.reached.position;
                    progress.send_replace(reached.meter.progress(P::NAME, position, head));
                    if swapped {
                        return Ok(Attempt::Swapped);
                    }
                    pauses = crate::execute::retry::on_unreachable_store().pauses();
                }
                // What is built stays, and the same step is tried again.
                Err(Trouble::Store(error)) if error.is_transient() => {
                    worker.retrying(0, &error.full_text());
                    // Longer than the lease, and whoever watches would begin anew.
                    let pause = pauses.next().unwrap_or(BEHIND_POLL);
                    worker.pause(pause.min(source.options.lease / 3)).await;
                }
                Err(trouble) => return ended::<P>(trouble),
            }
        }
    }

    /// One page, or the swap when there is none left.
    async fn build_step(&mut self, progress: &mut Progress) -> Result<bool, Trouble> {
        let head = self.source.events.head().await?;
        self.status
            .send_modify(|status| status.head = head.position);
        if progress.reached.position < head.position {
            self.next_page(progress, head).await?;
            return Ok(false);
        }
        let swapped = self.swap(progress).await?;
        if !swapped {
            self.pause(BEHIND_POLL).await;
        }
        Ok(swapped)
    }
}

fn ended<P: Projection>(trouble: Trouble) -> Result<Attempt, RebuildError> {
    let view = P::NAME;
    match trouble {
        Trouble::End(End::Fenced) => Ok(Attempt::Overtaken),
        Trouble::End(End::ShutDown) => Ok(Attempt::ShutDown),
        Trouble::End(End::Lacks(events)) => Err(RebuildError::Outdated { view, events }),
        Trouble::End(End::Failed(failure)) => Err(RebuildError::Failed { view, failure }),
        Trouble::Store(error) => Err(store::<P>(error)),
    }
}

fn store<P: Projection>(source: StoreError) -> RebuildError {
    let view = P::NAME;
    RebuildError::Store { view, source }
}
