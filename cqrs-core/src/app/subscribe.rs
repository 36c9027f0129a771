//! ⑥ Subscriptions of an application: a handler for each event.

use std::sync::{Arc, PoisonError};

use futures_core::Stream;
use tokio_stream::wrappers::WatchStream;

use super::{App, OpenError};
use crate::event::{Event, Recorded, StoredEvent};
use crate::projection::{
    DeadLetterError, DeadLetters, Opened, ProjectionStatus, Source, Worker, WorkerHandle,
};
use crate::subscription::{Handler, HandlerError, HandlerWork, SubscriptionOptions};
use crate::view::{Answering, ViewSchema, ViewTable};

/// A subscription that runs.
pub(super) struct Subscribed {
    name: &'static str,
    /// Set when its worker runs; the name is taken before.
    running: Option<Running>,
}

struct Running {
    table: Arc<dyn ViewTable>,
    worker: WorkerHandle,
    decode: fn(&StoredEvent) -> Result<(), crate::event::DecodeError>,
}

impl App {
    /// Calls a handler for each event of `E`, in the order of the log, at least once.
    ///
    /// It is for what is no view: a mail, a message to another system, a command that follows from an
    /// event. The next event waits until the handler is done with the one before. Of all processes that
    /// subscribe under one name, one handles; where it stands is kept in the view store, so that it goes
    /// on there after a restart. After a crash the last events come again: `event_id` and `position`
    /// tell the handler which it has seen.
    ///
    /// The handler usually needs the application, and keeps it alive: end with [`App::shutdown`], which
    /// waits for the event that is being handled.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the name is taken by a view or another subscription, or the view store cannot
    /// be reached.
    ///
    /// # Example
    ///
    /// ```
    /// # use cqrs::doc::AccountEvent;
    /// # async fn send(to: &str) -> Result<(), std::io::Error> { Ok(()) }
    /// use cqrs::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = App::in_memory().await?;
    /// app.subscribe("mail", |event: Recorded<AccountEvent>| async move {
    ///     match event.data {
    ///         AccountEvent::Opened { owner } => send(&owner).await,
    ///         _ => Ok(()),
    ///     }
    /// }).await?;
    /// app.shutdown().await;
    /// # Ok(()) }
    /// ```
    pub async fn subscribe<E, H, F, R>(
        &self,
        name: &'static str,
        handler: H,
    ) -> Result<(), OpenError>
    where
        E: Event,
        H: Fn(Recorded<E>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), R>> + Send + 'static,
        R: Into<HandlerError>,
    {
        self.subscribe_with(name, SubscriptionOptions::default(), handler)
            .await
    }

    /// The same with settings of its own.
    ///
    /// # Errors
    ///
    /// As [`App::subscribe`].
    pub async fn subscribe_with<E, H, F, R>(
        &self,
        name: &'static str,
        options: SubscriptionOptions,
        handler: H,
    ) -> Result<(), OpenError>
    where
        E: Event,
        H: Fn(Recorded<E>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), R>> + Send + 'static,
        R: Into<HandlerError>,
    {
        self.take_name(name)?;
        let started = self
            .start_subscription(name, options, Handler::new(handler))
            .await;
        let mut subscriptions = self.subscribed();
        let place = subscriptions.iter().position(|known| known.name == name);
        match (started, place) {
            (Ok(running), Some(place)) => {
                subscriptions[place].running = Some(running);
                Ok(())
            }
            (Err(error), Some(place)) => {
                subscriptions.remove(place);
                Err(error)
            }
            (started, None) => started.map(|_| ()),
        }
    }

    /// Where each subscription stands.
    pub fn subscriptions(&self) -> Vec<ProjectionStatus> {
        let subscriptions = self.subscribed();
        let running = subscriptions
            .iter()
            .filter_map(|known| known.running.as_ref());
        running
            .map(|running| running.worker.status.borrow().clone())
            .collect()
    }

    /// Where one subscription stands, now and after every change; `None` where there is none.
    pub fn watch_subscription(
        &self,
        name: &str,
    ) -> Option<impl Stream<Item = ProjectionStatus> + Send + Unpin + use<>> {
        let subscriptions = self.subscribed();
        let known = subscriptions.iter().find(|known| known.name == name)?;
        let status = known.running.as_ref()?.worker.status.clone();
        Some(WatchStream::new(status))
    }

    pub(super) fn dead_letters_of_subscription(
        &self,
        name: &str,
    ) -> Result<DeadLetters, DeadLetterError> {
        let subscriptions = self.subscribed();
        let known = subscriptions.iter().find(|known| known.name == name);
        let known = known.and_then(|known| Some((known.name, known.running.as_ref()?)));
        let (name, running) = known.ok_or_else(|| {
            let name = name.to_owned();
            DeadLetterError::NotRegistered { name }
        })?;
        Ok(DeadLetters {
            name,
            tables: vec![Arc::clone(&running.table)],
            events: Arc::clone(&self.inner.events),
            status: running.worker.status.clone(),
            asked: running.worker.asked.clone(),
            wait_timeout: self.inner.wait_timeout,
            decode: running.decode,
        })
    }

    /// Refuses a name that is taken; two leases under one name would be one.
    fn take_name(&self, name: &'static str) -> Result<(), OpenError> {
        let mut subscriptions = self.subscribed();
        let views = self.inner.projections.iter();
        let is_view = views
            .map(|status| status.borrow().name)
            .any(|view| view == name);
        if is_view || subscriptions.iter().any(|known| known.name == name) {
            return Err(OpenError::DuplicateSubscription { name });
        }
        let running = None;
        subscriptions.push(Subscribed { name, running });
        Ok(())
    }

    async fn start_subscription<E: Event>(
        &self,
        name: &'static str,
        options: SubscriptionOptions,
        handler: Handler<E>,
    ) -> Result<Running, OpenError> {
        let options = options.options;
        let views = options.views.as_ref().unwrap_or(&self.inner.view_store);
        let views = Arc::clone(views);
        let events = E::TYPES.iter().map(|event| event.name);
        let schema = ViewSchema::of_subscription(name).following(events);
        let table = views.open(&schema).await;
        let table = table.map_err(|source| OpenError::Subscription { name, source })?;
        let head = self.inner.follower.fresh_head(self.inner.events.as_ref());
        let source = Source {
            schema,
            views,
            events: Arc::clone(&self.inner.events),
            head: head.await?,
            trouble: self.inner.follower.trouble(),
            stop: self.inner.stop.subscribe(),
            options,
        };
        let opened = Opened {
            table: Arc::clone(&table),
            answering: Answering::Itself,
        };
        let work = HandlerWork::new(name, handler);
        let (worker, tasks) = Worker::start(vec![work], &source, opened);
        let workers = self.inner.workers.lock();
        workers
            .unwrap_or_else(PoisonError::into_inner)
            .extend(tasks);
        Ok(Running {
            table,
            worker,
            decode: |event| event.decode::<E>().map(|_| ()),
        })
    }

    fn subscribed(&self) -> std::sync::MutexGuard<'_, Vec<Subscribed>> {
        let subscriptions = self.inner.subscriptions.lock();
        subscriptions.unwrap_or_else(PoisonError::into_inner)
    }
}
