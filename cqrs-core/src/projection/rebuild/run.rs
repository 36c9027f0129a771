//! ⑦ A rebuild from its first page to the swap, or beside another process that does it.

use std::time::Duration;

use tokio::sync::watch;

use super::{Meter, RebuildError, RebuildProgress, Source};
use crate::projection::{Projection, RowWork, Worker};
use crate::store::StoreError;
use crate::subscription::stopped;
use crate::view::{BuildOutcome, Building};

/// How often the work of another process is looked at.
const WATCH_POLL: Duration = Duration::from_millis(200);

/// How a rebuild ended that did not fail.
pub(crate) enum Ended {
    /// By this process or by another one.
    Rebuilt,
    ShutDown,
}

/// What one attempt came to.
pub(in crate::projection) enum Attempt {
    Swapped,
    /// Another process took over, since this one was not heard of for longer than its lease.
    Overtaken,
    ShutDown,
}

/// Builds the view anew and swaps it in, or waits for the process that does.
pub(in crate::projection) async fn run<P: Projection>(
    source: &Source,
    progress: &watch::Sender<RebuildProgress>,
) -> Result<Ended, RebuildError> {
    let ended = run_to_end::<P>(source, progress).await?;
    if let Ended::Rebuilt = ended {
        progress.send_modify(|progress| progress.done = progress.total);
    }
    Ok(ended)
}

async fn run_to_end<P: Projection>(
    source: &Source,
    progress: &watch::Sender<RebuildProgress>,
) -> Result<Ended, RebuildError> {
    let mut pauses = crate::execute::retry::on_unreachable_store().pauses();
    loop {
        if stopped(&source.stop) {
            return Ok(Ended::ShutDown);
        }
        let attempt = match Worker::<RowWork<P>>::begin_build(source).await {
            Ok(BuildOutcome::Held { table, claim }) => {
                Worker::<RowWork<P>>::build(source, table, claim, progress).await
            }
            Ok(BuildOutcome::HeldBy(building)) => {
                match watch::<P>(source, building, progress).await {
                    Ok(true) => return Ok(Ended::Rebuilt),
                    Ok(false) => continue,
                    Err(error) => Err(store::<P>(error)),
                }
            }
            Err(error) => Err(store::<P>(error)),
        };
        match attempt {
            Ok(Attempt::Swapped) => return Ok(Ended::Rebuilt),
            // By another process, or by a partition of this one that ended a moment before.
            Ok(Attempt::Overtaken) => match source.views.building(&source.schema).await {
                Ok(None) => return Ok(Ended::Rebuilt),
                Ok(Some(_)) => {}
                Err(error) => {
                    tracing::warn!(view = P::NAME, error = error.full_text(), "rebuild retries")
                }
            },
            Ok(Attempt::ShutDown) => return Ok(Ended::ShutDown),
            Err(RebuildError::Store { source: error, .. }) if error.is_transient() => {
                tracing::warn!(view = P::NAME, error = error.full_text(), "rebuild retries");
                tokio::time::sleep(pauses.next().unwrap_or(WATCH_POLL)).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Whether the other process has swapped its work in; otherwise it has given up.
async fn watch<P: Projection>(
    source: &Source,
    mut building: Building,
    progress: &watch::Sender<RebuildProgress>,
) -> Result<bool, StoreError> {
    let meter = Meter::start(building.checkpoint.position);
    while building.is_held(crate::time::now()) && !stopped(&source.stop) {
        let head = source.events.head().await?.position;
        let mut now = meter.progress(P::NAME, building.checkpoint.position, head);
        now.done_by = building.holder;
        progress.send_replace(now);
        tokio::time::sleep(WATCH_POLL).await;
        match source.views.building(&source.schema).await? {
            Some(other) => building = other,
            None => return Ok(true),
        }
    }
    Ok(false)
}

fn store<P: Projection>(source: StoreError) -> RebuildError {
    let view = P::NAME;
    RebuildError::Store { view, source }
}
