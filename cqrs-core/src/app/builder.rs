//! Building an application: its stores, its views, its settings.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::future::IntoFuture;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{App, Inner, NamedView, OpenError};
use crate::BoxFuture;
use crate::execute::{Executor, RetryPolicy};
use crate::hook::{CommandHook, Hooks};
use crate::projection::{
    Opened, Partition, Projection, ProjectionOptions, ProjectionStatus, Rebuild, RowWork, Source,
    Worker, drop_unused,
};
use crate::query::{Registered, Table};
use crate::store::{EventStore, GroupCommit, StoreError, Stores};
use crate::subscription::LogFollower;
use crate::view::ViewStore;

/// An application about to start: awaited, after its views and settings.
///
/// # Example
///
/// ```
/// # use cqrs::doc::Balance;
/// use cqrs::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let app = App::in_memory().project::<Balance>().cached_aggregates(1_000).await?;
/// # Ok(()) }
/// ```
#[must_use = "an application does not start until it is awaited"]
pub struct AppBuilder {
    stores: BoxFuture<'static, Result<Stores, OpenError>>,
    views: Vec<Registration>,
    cached_aggregates: usize,
    retry: RetryPolicy,
    hooks: Hooks,
    poll: Duration,
    wait_timeout: Duration,
}

type Started = BoxFuture<'static, Result<StartedView, OpenError>>;

/// A view that waits for the stores to be open.
struct Registration {
    row: TypeId,
    name: &'static str,
    start: Box<dyn FnOnce(Surroundings) -> Started + Send>,
}

/// What a projection's worker runs in.
#[derive(Clone)]
struct Surroundings {
    events: Arc<dyn EventStore>,
    views: Arc<dyn ViewStore>,
    follower: LogFollower,
    stop: watch::Receiver<bool>,
}

struct StartedView {
    view: Arc<dyn Any + Send + Sync>,
    status: watch::Receiver<ProjectionStatus>,
    named: NamedView,
    workers: Vec<JoinHandle<()>>,
}

impl App {
    /// An application on stores that are opened when it is awaited.
    pub fn connect(
        stores: impl Future<Output = Result<Stores, OpenError>> + Send + 'static,
    ) -> AppBuilder {
        AppBuilder {
            stores: Box::pin(stores),
            views: Vec::new(),
            cached_aggregates: 10_000,
            retry: crate::execute::retry::on_conflict(),
            hooks: Hooks::default(),
            poll: Duration::from_millis(200),
            wait_timeout: Duration::from_secs(30),
        }
    }

    /// An application on stores that are open already.
    pub fn builder(stores: Stores) -> AppBuilder {
        Self::connect(std::future::ready(Ok(stores)))
    }

    /// An application whose events and views live as long as the process: for tests and trials.
    pub fn in_memory() -> AppBuilder {
        Self::builder(Stores::memory())
    }
}

impl AppBuilder {
    /// Adds a view that follows the log from its beginning.
    pub fn project<P: Projection>(self) -> Self {
        self.project_with::<P>(ProjectionOptions::default())
    }

    /// Adds a view with settings of its own.
    pub fn project_with<P: Projection>(mut self, options: ProjectionOptions) -> Self {
        self.views.push(Registration {
            row: TypeId::of::<P>(),
            name: P::NAME,
            start: Box::new(|surroundings| Box::pin(start::<P>(surroundings, options))),
        });
        self
    }

    /// How many aggregates are kept in memory between commands, 10,000 unless said otherwise.
    pub fn cached_aggregates(mut self, aggregates: usize) -> Self {
        self.cached_aggregates = aggregates;
        self
    }

    /// How often a command that met a conflict is decided again.
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Adds a hook around every command; several run in the order in which they are added.
    ///
    /// What is appended without a command, by [`App::append_all`], passes no hook.
    ///
    /// # Example
    ///
    /// ```
    /// use cqrs::hook::{CommandContext, CommandHook, CommandOutcome};
    /// use cqrs::prelude::*;
    /// use cqrs::BoxFuture;
    ///
    /// struct Timing;
    ///
    /// impl CommandHook for Timing {
    ///     fn after<'a>(
    ///         &'a self,
    ///         command: &'a CommandContext<'_>,
    ///         outcome: &'a CommandOutcome<'_>,
    ///     ) -> BoxFuture<'a, ()> {
    ///         println!("{}: {:?}", command.name(), outcome.duration);
    ///         Box::pin(async {})
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = App::in_memory().hook(Timing).await?;
    /// # Ok(()) }
    /// ```
    pub fn hook(mut self, hook: impl CommandHook) -> Self {
        self.hooks.add(hook);
        self
    }

    /// How often the log is looked at for events of other processes, 200 ms unless said otherwise.
    pub fn poll_interval(mut self, poll: Duration) -> Self {
        self.poll = poll;
        self
    }

    /// How long [`App::wait_for`] waits at the most, 30 s unless said otherwise.
    pub fn wait_timeout(mut self, timeout: Duration) -> Self {
        self.wait_timeout = timeout;
        self
    }

    async fn start(self) -> Result<App, OpenError> {
        self.refuse_duplicates()?;
        let stores = self.stores.await?;
        let (stop, stopped) = watch::channel(false);
        let follower =
            LogFollower::start(stores.events.clone(), self.poll, stopped.clone()).await?;
        let commit = GroupCommit::start(stores.events.clone(), {
            let follower = follower.clone();
            move |_| follower.wake()
        });
        let executor = Executor::new(
            stores.events.clone(),
            commit,
            self.cached_aggregates,
            self.retry,
        )
        .with_hooks(self.hooks);
        let surroundings = Surroundings {
            events: stores.events.clone(),
            views: stores.views.clone(),
            follower: follower.clone(),
            stop: stopped,
        };
        let mut inner = Inner {
            events: stores.events,
            executor,
            follower,
            view_store: stores.views,
            views: HashMap::new(),
            projections: Vec::new(),
            by_name: Vec::new(),
            subscriptions: Mutex::default(),
            workers: Mutex::default(),
            stop,
            wait_timeout: self.wait_timeout,
        };
        let mut workers = Vec::new();
        for registration in self.views {
            let started = (registration.start)(surroundings.clone()).await?;
            inner.views.insert(registration.row, started.view);
            inner.projections.push(started.status);
            inner.by_name.push(started.named);
            workers.extend(started.workers);
        }
        inner.workers = Mutex::new(workers);
        Ok(App {
            inner: Arc::new(inner),
        })
    }

    fn refuse_duplicates(&self) -> Result<(), OpenError> {
        let mut names: Vec<_> = self.views.iter().map(|view| view.name).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(OpenError::DuplicateView { view: pair[0] }),
            None => Ok(()),
        }
    }
}

async fn start<P: Projection>(
    surroundings: Surroundings,
    options: ProjectionOptions,
) -> Result<StartedView, OpenError> {
    let events = P::EVENTS.iter().copied().flatten().map(|event| event.name);
    let source = Source {
        schema: P::schema().following(events),
        views: options.views.clone().unwrap_or(surroundings.views),
        events: surroundings.events,
        head: surroundings.follower.head(),
        trouble: surroundings.follower.trouble(),
        stop: surroundings.stop,
        options,
    };
    let opened = open_view(&source).await.map_err(|source| {
        let view = P::NAME;
        OpenError::View { view, source }
    })?;
    let changes = RowWork::<P>::changes();
    let works: Vec<RowWork<P>> = Partition::all(source.schema.partitions)
        .map(|partition| RowWork::new(partition, changes.clone()))
        .collect();
    let table = Table(Arc::clone(&opened.table));
    let (handle, workers) = Worker::start(works, &source, opened);
    let status = handle.status.clone();
    let view = Arc::new(Registered::<P> {
        table,
        worker: handle,
        changes,
        source,
    });
    let rebuilt = Arc::clone(&view);
    Ok(StartedView {
        view,
        status,
        named: NamedView {
            name: P::NAME,
            rebuild: Box::new(move || Rebuild::of(Ok(Arc::clone(&rebuilt)))),
            dead_letters: App::dead_letters::<P>,
        },
        workers,
    })
}

async fn open_view(source: &Source) -> Result<Opened, StoreError> {
    let table = source.views.open(&source.schema).await?;
    drop_unused(table.as_ref(), source).await;
    let answering = table.answering().await?;
    Ok(Opened { table, answering })
}

impl IntoFuture for AppBuilder {
    type Output = Result<App, OpenError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.start())
    }
}

impl std::fmt::Debug for AppBuilder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let views: Vec<_> = self.views.iter().map(|view| view.name).collect();
        formatter
            .debug_struct("AppBuilder")
            .field("views", &views)
            .finish_non_exhaustive()
    }
}
