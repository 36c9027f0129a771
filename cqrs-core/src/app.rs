//! The application: commands, events, projections and views behind one handle.

mod builder;
mod error;
mod health;
mod subscribe;

pub use self::builder::AppBuilder;
pub use self::error::OpenError;
use self::subscribe::Subscribed;

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::ops::RangeBounds;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_core::Stream;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::WatchStream;

use crate::aggregate::{Aggregate, IdOf};
use crate::command::Command;
use crate::execute::{AsOf, Execute, Executor, HistoryEntry, LoadError, Loaded};
use crate::projection::{
    AnsweredBy, DeadLetterError, DeadLetters, Projection, ProjectionState, ProjectionStatus,
    Rebuild, RebuildError,
};
use crate::query::{QueryError, View};
use crate::store::{Append, AppendError, Appended, EventStore, LogHead, StoreError};
use crate::stream::{InvalidStream, Position, StreamId};
use crate::subscription::LogFollower;
use crate::view::ViewStore;

/// A running application: cheap to clone, so it goes into a web framework's state as it is.
///
/// Its projections run in the background until [`App::shutdown`] or until the last clone is
/// dropped.
///
/// # Example
///
/// ```
/// # use cqrs::doc::*;
/// use cqrs::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let app = App::in_memory().project::<Balance>().await?;
/// let open = AccountCommand::Open { id: "ada".into(), owner: "Ada".into() };
/// let receipt = app.execute(open).await?;
/// app.wait_for::<Balance>(receipt.position).await?;
/// assert_eq!(app.view::<Balance>().count().await?, 1);
/// app.shutdown().await;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    events: Arc<dyn EventStore>,
    executor: Executor,
    follower: LogFollower,
    /// Where views and subscriptions live unless they say otherwise.
    view_store: Arc<dyn ViewStore>,
    views: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
    projections: Vec<watch::Receiver<ProjectionStatus>>,
    by_name: Vec<NamedView>,
    subscriptions: Mutex<Vec<Subscribed>>,
    workers: Mutex<Vec<JoinHandle<()>>>,
    stop: watch::Sender<bool>,
    wait_timeout: Duration,
}

/// What can be asked of a view by its name alone.
struct NamedView {
    name: &'static str,
    rebuild: Box<dyn Fn() -> Rebuild + Send + Sync>,
    dead_letters: fn(&App) -> Result<DeadLetters, DeadLetterError>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let projections = self.projections();
        let projections: Vec<_> = projections.iter().map(|status| status.name).collect();
        formatter
            .debug_struct("App")
            .field("projections", &projections)
            .finish_non_exhaustive()
    }
}

impl App {
    /// Executes a command: awaited, after options such as [`Execute::at_version`].
    pub fn execute<C: Command>(&self, command: C) -> Execute<'_, C> {
        Execute::new(self, command)
    }

    /// Appends events to several streams in one atomic step, without a command handler.
    ///
    /// It passes no [hook](crate::hook): who calls it has authorised what is appended.
    ///
    /// # Errors
    ///
    /// [`AppendError`] when a stream has not the expected version; then nothing is stored.
    pub async fn append_all(&self, append: Append) -> Result<Appended, AppendError> {
        self.executor().commit().append(append).await
    }

    /// The aggregate's present state; `None` where it does not exist.
    ///
    /// # Errors
    ///
    /// [`LoadError`] when the stream cannot be read or one of its events not be decoded.
    pub async fn load<A: Aggregate>(&self, id: &IdOf<A>) -> Result<Option<Loaded<A>>, LoadError> {
        let loaded = self.executor().load(&stream_of::<A>(id)?).await?;
        Ok(existing(loaded))
    }

    /// The aggregate as it was at a version or at a moment; `None` where it did not exist yet.
    ///
    /// # Errors
    ///
    /// [`LoadError`] when the stream cannot be read or one of its events not be decoded.
    ///
    /// # Example
    ///
    /// ```
    /// # use cqrs::doc::*;
    /// use cqrs::prelude::*;
    /// use cqrs::AsOf;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app = App::in_memory().await?;
    /// # app.execute(AccountCommand::Open { id: "ada".into(), owner: "Ada".into() }).await?;
    /// app.execute(AccountCommand::Deposit { id: "ada".into(), amount: 5 }).await?;
    /// app.execute(AccountCommand::Deposit { id: "ada".into(), amount: 7 }).await?;
    /// let before = app.load_as_of::<Account>(&"ada".into(), AsOf::Version(2)).await?;
    /// assert_eq!(before.map(|account| account.state.balance), Some(5));
    /// # Ok(()) }
    /// ```
    pub async fn load_as_of<A: Aggregate>(
        &self,
        id: &IdOf<A>,
        as_of: AsOf,
    ) -> Result<Option<Loaded<A>>, LoadError> {
        let stream = stream_of::<A>(id)?;
        let loaded = self.executor().load_as_of(&stream, as_of).await?;
        Ok(existing(loaded))
    }

    /// What happened to the aggregate, oldest first, each event with the state after it.
    ///
    /// The range is of versions: `..` is the whole history, `101..=200` a page of it. Versions that
    /// do not exist are left out.
    ///
    /// # Errors
    ///
    /// [`LoadError`] when the stream cannot be read or one of its events not be decoded.
    ///
    /// # Example
    ///
    /// ```
    /// # use cqrs::doc::*;
    /// use cqrs::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app = App::in_memory().await?;
    /// # app.execute(AccountCommand::Open { id: "ada".into(), owner: "Ada".into() }).await?;
    /// app.execute(AccountCommand::Deposit { id: "ada".into(), amount: 5 }).await?;
    /// for entry in app.history::<Account>(&"ada".into(), ..).await? {
    ///     println!("{} {:?}: {}", entry.event.recorded_at, entry.event.data, entry.state.balance);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn history<A: Aggregate + Clone>(
        &self,
        id: &IdOf<A>,
        versions: impl RangeBounds<u64>,
    ) -> Result<Vec<HistoryEntry<A>>, LoadError> {
        self.executor()
            .history(&stream_of::<A>(id)?, versions)
            .await
    }

    /// A view, to be asked. One that was never registered answers with an error.
    pub fn view<P: Projection>(&self) -> View<P> {
        let registered = self.inner.views.get(&TypeId::of::<P>());
        View::new(registered.and_then(|view| view.clone().downcast().ok()))
    }

    /// Waits until the view shows everything up to a position: read-your-writes.
    ///
    /// A view that is built beside an older one, since its version or its columns changed, is waited for
    /// until it is built.
    ///
    /// # Errors
    ///
    /// [`QueryError`] when the view is not registered, its projection stops, or it does not come
    /// so far within the time set by [`AppBuilder::wait_timeout`] (30 s).
    pub async fn wait_for<P: Projection>(&self, position: Position) -> Result<(), QueryError> {
        let status = self.view::<P>().registered()?.worker.status.clone();
        self.wait(status, position).await
    }

    /// Waits until every view shows everything up to a position.
    ///
    /// # Errors
    ///
    /// As [`App::wait_for`], for the first view that fails.
    pub async fn wait_for_all(&self, position: Position) -> Result<(), QueryError> {
        for status in &self.inner.projections {
            self.wait(status.clone(), position).await?;
        }
        Ok(())
    }

    /// Builds a view anew beside the rows that it has, which answer until the new ones take their place.
    ///
    /// For a projection whose code was corrected without a change of its version, and for a view that
    /// somebody has spoilt. A changed version or changed columns need no call.
    pub fn rebuild<P: Projection>(&self) -> Rebuild {
        let view = self.view::<P>();
        let registered = view.registered().map_err(|_| RebuildError::NotRegistered {
            view: P::NAME,
            row: std::any::type_name::<P>(),
        });
        Rebuild::of(registered.cloned())
    }

    /// Builds the view of this name anew, as [`App::rebuild`] does: for a command line or a console.
    ///
    /// # Errors
    ///
    /// [`RebuildError::Unknown`] with the names that there are.
    ///
    /// # Example
    ///
    /// ```
    /// # use cqrs::doc::Balance;
    /// use cqrs::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = App::in_memory().project::<Balance>().await?;
    /// app.rebuild_view("balances")?.await?;
    /// let unknown = app.rebuild_view("balance").unwrap_err();
    /// assert_eq!(unknown.to_string(), "there is no view `balance`; the views are balances");
    /// # Ok(()) }
    /// ```
    pub fn rebuild_view(&self, name: &str) -> Result<Rebuild, RebuildError> {
        match self.named(name) {
            Some(view) => Ok((view.rebuild)()),
            None => Err(RebuildError::Unknown {
                view: name.to_owned(),
                known: self.inner.by_name.iter().map(|view| view.name).collect(),
            }),
        }
    }

    fn named(&self, name: &str) -> Option<&NamedView> {
        self.inner.by_name.iter().find(|view| view.name == name)
    }

    /// Where the log ends.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn head(&self) -> Result<LogHead, StoreError> {
        self.inner.events.head().await
    }

    /// The event store, for what reads the log itself.
    pub fn events(&self) -> &dyn EventStore {
        self.inner.events.as_ref()
    }

    /// Where each projection stands.
    pub fn projections(&self) -> Vec<ProjectionStatus> {
        let statuses = self.inner.projections.iter();
        statuses.map(|status| status.borrow().clone()).collect()
    }

    /// Where one projection stands, now and after every change.
    ///
    /// # Errors
    ///
    /// [`QueryError::NotRegistered`].
    pub fn watch_projection<P: Projection>(
        &self,
    ) -> Result<impl Stream<Item = ProjectionStatus> + Send + Unpin + use<P>, QueryError> {
        let view = self.view::<P>();
        Ok(WatchStream::new(view.registered()?.worker.status.clone()))
    }

    /// Ends the projections after the pages that they are at, the subscriptions after the events that
    /// they are at, and gives their leases back. On SQLite the file is whole by itself then, without
    /// `-wal` and `-shm` beside it, unless another process has it open.
    ///
    /// Commands can still be executed afterwards; views stand still.
    pub async fn shutdown(&self) {
        self.inner.stop.send_replace(true);
        let workers = {
            let mut workers = self
                .inner
                .workers
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *workers)
        };
        for worker in workers {
            if let Err(error) = worker.await {
                tracing::error!(%error, "a projection's worker ended badly");
            }
        }
        self.executor().finish_snapshots().await;
        self.inner.events.close_idle().await;
    }

    /// The dead letters of a projection: list, inspect, retry, discard.
    ///
    /// # Errors
    ///
    /// [`DeadLetterError::NotRegistered`].
    pub fn dead_letters<P: Projection>(&self) -> Result<DeadLetters, DeadLetterError> {
        let view = self.view::<P>();
        let registered = view.registered().map_err(|_| {
            let name = P::NAME.to_owned();
            DeadLetterError::NotRegistered { name }
        })?;
        Ok(DeadLetters {
            name: P::NAME,
            tables: registered.partitions(),
            events: Arc::clone(&self.inner.events),
            status: registered.worker.status.clone(),
            asked: registered.worker.asked.clone(),
            wait_timeout: self.inner.wait_timeout,
            decode: |event| P::decode(event).map(|_| ()),
        })
    }

    /// The dead letters of the projection or the subscription of this name: for a subscription, a command
    /// line, or a console.
    ///
    /// # Errors
    ///
    /// [`DeadLetterError::NotRegistered`].
    ///
    /// # Example
    ///
    /// ```
    /// # use cqrs::doc::Balance;
    /// use cqrs::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = App::in_memory().project::<Balance>().await?;
    /// assert!(app.dead_letters_of("balances")?.list(100).await?.is_empty());
    /// # Ok(()) }
    /// ```
    pub fn dead_letters_of(&self, name: &str) -> Result<DeadLetters, DeadLetterError> {
        match self.named(name) {
            Some(view) => (view.dead_letters)(self),
            None => self.dead_letters_of_subscription(name),
        }
    }

    pub(crate) fn executor(&self) -> &Executor {
        &self.inner.executor
    }

    async fn wait(
        &self,
        mut status: watch::Receiver<ProjectionStatus>,
        position: Position,
    ) -> Result<(), QueryError> {
        let waited = self.inner.wait_timeout;
        if status.borrow().position < position {
            self.inner.follower.wake();
        }
        let reached = tokio::time::timeout(waited, reach(&mut status, position)).await;
        reached.unwrap_or_else(|_| {
            let status = status.borrow();
            Err(QueryError::TimedOut {
                view: status.name,
                position,
                reached: status.position,
                waited,
                last_error: status.last_error.clone(),
            })
        })
    }
}

fn stream_of<A: Aggregate>(id: &IdOf<A>) -> Result<StreamId, InvalidStream> {
    StreamId::new(<A as Aggregate>::CATEGORY, id.to_string())
}

fn existing<A>(loaded: Loaded<A>) -> Option<Loaded<A>> {
    Some(loaded).filter(|loaded| loaded.version > 0)
}

async fn reach(
    status: &mut watch::Receiver<ProjectionStatus>,
    position: Position,
) -> Result<(), QueryError> {
    loop {
        let view = {
            let status = status.borrow_and_update();
            if status.position >= position && status.answered_by == AnsweredBy::View {
                return Ok(());
            }
            match &status.state {
                ProjectionState::Stopped(failure) => {
                    return Err(QueryError::Stopped(failure.clone()));
                }
                ProjectionState::ShutDown => {
                    let view = status.name;
                    return Err(QueryError::ShutDown { view, position });
                }
                _ => status.name,
            }
        };
        if status.changed().await.is_err() {
            return Err(QueryError::ShutDown { view, position });
        }
    }
}
