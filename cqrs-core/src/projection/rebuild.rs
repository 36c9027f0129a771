//! ⑦ Building a view anew beside the one that answers.

mod error;
mod meter;
mod run;

pub use self::error::RebuildError;
pub(crate) use self::meter::Meter;
pub use self::meter::RebuildProgress;
pub(crate) use self::run::Ended;
pub(super) use self::run::{Attempt, run};

use std::future::IntoFuture;
use std::sync::Arc;

use futures_core::Stream;
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;

use super::{
    Projection, ProjectionFailure, ProjectionOptions, ProjectionState, ProjectionStatus, StartFrom,
    WorkerHandle,
};
use crate::BoxFuture;
use crate::query::Registered;
use crate::store::{EventStore, LogHead};
use crate::subscription::LogTrouble;
use crate::view::{ViewSchema, ViewStore};

/// What a view is made from: its events, its store, its settings.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) schema: ViewSchema,
    pub(crate) views: Arc<dyn ViewStore>,
    pub(crate) events: Arc<dyn EventStore>,
    pub(crate) head: watch::Receiver<LogHead>,
    /// Why the head does not move, where the log cannot be read.
    pub(crate) trouble: watch::Receiver<Option<LogTrouble>>,
    pub(crate) stop: watch::Receiver<bool>,
    pub(crate) options: ProjectionOptions,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Source").finish_non_exhaustive()
    }
}

/// A rebuild that begins when it is awaited: `app.rebuild::<Balance>().await?`.
///
/// The view answers from its old rows, and is fed, until the new ones have caught up; then one step
/// lets the new ones answer, in every process. Dropped in the middle, it leaves the view as it was, and
/// the next call begins anew. Where another process is at it already, it is waited for.
///
/// # Example
///
/// ```
/// # use cqrs::doc::*;
/// use cqrs::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let app = App::in_memory().project::<Balance>().await?;
/// app.execute(AccountCommand::Open { id: "ada".into(), owner: "Ada".into() }).await?;
/// let rebuilt = app.rebuild::<Balance>().await?;
/// assert_eq!(rebuilt.done, rebuilt.total);
/// # Ok(()) }
/// ```
#[must_use = "a rebuild does not begin until it is awaited"]
pub struct Rebuild {
    begin: Begin,
    progress: watch::Sender<RebuildProgress>,
}

type Begin = Box<dyn FnOnce(watch::Sender<RebuildProgress>) -> Running + Send>;
type Running = BoxFuture<'static, Result<RebuildProgress, RebuildError>>;

impl Rebuild {
    pub(crate) fn of<P: Projection>(registered: Result<Arc<Registered<P>>, RebuildError>) -> Self {
        Self {
            begin: Box::new(|progress| {
                Box::pin(async move { rebuild(&*registered?, &progress).await })
            }),
            progress: watch::Sender::new(RebuildProgress::new(P::NAME)),
        }
    }

    /// How far it is, now and after every page; it ends with the rebuild.
    pub fn progress(&self) -> impl Stream<Item = RebuildProgress> + Send + Unpin + use<> {
        WatchStream::new(self.progress.subscribe())
    }
}

impl std::fmt::Debug for Rebuild {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_tuple("Rebuild")
            .field(&self.progress.borrow().view)
            .finish()
    }
}

impl IntoFuture for Rebuild {
    type Output = Result<RebuildProgress, RebuildError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        (self.begin)(self.progress)
    }
}

async fn rebuild<P: Projection>(
    registered: &Registered<P>,
    progress: &watch::Sender<RebuildProgress>,
) -> Result<RebuildProgress, RebuildError> {
    let source = &registered.source;
    if source.options.start_from == StartFrom::Now {
        return Err(RebuildError::NoBeginning { view: P::NAME });
    }
    match run::<P>(source, progress).await? {
        Ended::Rebuilt => {
            go_on(&registered.worker).await;
            Ok(progress.borrow().clone())
        }
        Ended::ShutDown => Err(RebuildError::ShutDown { view: P::NAME }),
    }
}

/// A projection that has stopped goes on, and whoever waits for it next is no longer told that it has.
async fn go_on(worker: &WorkerHandle) {
    let mut status = worker.status.clone();
    let before = failures(&status.borrow_and_update());
    if before.is_empty() {
        return;
    }
    worker.rebuilt.tell();
    // An error means that the application was shut down.
    while status.changed().await.is_ok() {
        let now = failures(&status.borrow_and_update());
        let is_old = |failure| before.iter().any(|before| Arc::ptr_eq(before, failure));
        if !now.iter().any(is_old) {
            return;
        }
    }
}

/// Why its workers have stopped.
fn failures(status: &ProjectionStatus) -> Vec<Arc<ProjectionFailure>> {
    let partitions = status.partitions.iter().map(|partition| &partition.state);
    let states = partitions.chain([&status.state]);
    let failures = states.filter_map(|state| match state {
        ProjectionState::Stopped(failure) => Some(Arc::clone(failure)),
        _ => None,
    });
    failures.collect()
}
