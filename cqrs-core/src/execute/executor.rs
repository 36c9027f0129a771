//! ② The executor: what `app.execute` runs.

use std::sync::Arc;

use super::attempt::{Attempt, EventOf, Outcome, RejectionOf};
use super::cache::AggregateCache;
use super::snapshots::SnapshotTaker;
use super::{ExecuteError, Loaded, Options, Receipt, RetryPolicy};
use crate::aggregate::Aggregate;
use crate::command::{Command, Existence};
use crate::hook::Hooks;
use crate::store::{AppendError, CommandRecord, Conflict, EventStore, GroupCommit, StoreError};
use crate::stream::{Position, StreamId};
use tracing::Instrument;
use tracing::field::Empty;

#[derive(Debug)]
pub(crate) struct Executor {
    pub(super) store: Store,
    commit: GroupCommit,
    cache: AggregateCache,
    retry: RetryPolicy,
    pub(super) snapshots: SnapshotTaker,
    pub(super) hooks: Hooks,
}

/// `dyn EventStore` without asking every store for a `Debug`.
pub(super) struct Store(pub(super) Arc<dyn EventStore>);

impl std::fmt::Debug for Store {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("EventStore")
    }
}

/// What a try came to.
enum Try<C: Command> {
    Done(Outcome<C>),
    /// The cached state was behind the store: decide again on the present one.
    Stale,
    Conflict(Conflict),
}

impl Executor {
    pub(crate) fn new(
        store: Arc<dyn EventStore>,
        commit: GroupCommit,
        cached_aggregates: usize,
        retry: RetryPolicy,
    ) -> Self {
        Self {
            store: Store(store),
            commit,
            cache: AggregateCache::new(cached_aggregates),
            retry,
            snapshots: SnapshotTaker::default(),
            hooks: Hooks::default(),
        }
    }

    pub(crate) fn with_hooks(mut self, hooks: Hooks) -> Self {
        self.hooks = hooks;
        self
    }

    pub(crate) fn commit(&self) -> &GroupCommit {
        &self.commit
    }

    pub(crate) async fn execute<C: Command>(&self, command: C, options: Options) -> Outcome<C> {
        let attempt = Attempt::new(command, options)?;
        let span = tracing::debug_span!(
            "execute",
            command = attempt.name,
            stream = %attempt.stream,
            version = Empty,
            position = Empty,
        );
        async {
            let outcome = match self.hooks.is_empty() {
                true => self.try_until_done(attempt).await,
                // In a box, so that the future of an application without hooks stays as it is.
                false => Box::pin(self.execute_hooked(attempt)).await,
            };
            if let Ok(receipt) = &outcome {
                let span = tracing::Span::current();
                span.record("version", receipt.version);
                span.record("position", receipt.position.get());
            }
            outcome
        }
        .instrument(span)
        .await
    }

    pub(super) async fn try_until_done<C: Command>(&self, attempt: Attempt<C>) -> Outcome<C> {
        let slot = self.cache.slot::<C::Aggregate>(&attempt.stream);
        let outcome = self.try_with(attempt, &mut *slot.lock().await).await;
        if let Ok(receipt) = &outcome {
            self.take_snapshot(receipt, slot);
        }
        outcome
    }

    async fn try_with<C: Command>(
        &self,
        mut attempt: Attempt<C>,
        cached: &mut Option<Loaded<C::Aggregate>>,
    ) -> Outcome<C> {
        let mut pauses = self.retry.pauses();
        loop {
            let conflict = match self.try_once(&mut attempt, cached).await {
                Try::Done(outcome) => return outcome,
                Try::Stale => continue,
                Try::Conflict(conflict) => conflict,
            };
            let pause = match attempt.options.version {
                Some(_) => None,
                None => pauses.next(),
            };
            let Some(pause) = pause else {
                let command = attempt.name;
                return Err(ExecuteError::Conflict { command, conflict });
            };
            tracing::debug!(%conflict, "the stream changed meanwhile; deciding again");
            tokio::time::sleep(pause).await;
        }
    }

    /// Takes the state out of the cache and puts it back only when it is known to be whole.
    async fn try_once<C: Command>(
        &self,
        attempt: &mut Attempt<C>,
        cached: &mut Option<Loaded<C::Aggregate>>,
    ) -> Try<C> {
        let may_be_stale = cached.is_some() || attempt.creates_blindly();
        let loaded = match cached.take() {
            Some(loaded) => Ok(loaded),
            // A stream that must not exist yet has nothing to load; the append finds out if it does.
            None if attempt.creates_blindly() => Ok(Loaded::default()),
            None => self.load(&attempt.stream).await,
        };
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(error) => {
                return Try::Done(Err(ExecuteError::from_load(attempt.name, error)));
            }
        };
        if let Some(error) = attempt.refusal(loaded.version) {
            let refused = Err(error);
            return self
                .answer(attempt, cached, loaded, may_be_stale, refused)
                .await;
        }
        attempt.context.version = loaded.version;
        let command = attempt.command.clone();
        match command.decide(&loaded.state, &attempt.context) {
            Ok(events) if !events.is_empty() => self.append(attempt, cached, loaded, events).await,
            Ok(_) => {
                self.answer(attempt, cached, loaded, may_be_stale, Ok(()))
                    .await
            }
            Err(rejection) => {
                let rejected = Err(ExecuteError::Rejected(rejection));
                self.answer(attempt, cached, loaded, may_be_stale, rejected)
                    .await
            }
        }
    }

    /// Answers without an append, unless the command was executed before or the state is stale.
    async fn answer<C: Command>(
        &self,
        attempt: &Attempt<C>,
        cached: &mut Option<Loaded<C::Aggregate>>,
        loaded: Loaded<C::Aggregate>,
        may_be_stale: bool,
        answer: Result<(), ExecuteError<RejectionOf<C>>>,
    ) -> Try<C> {
        match self
            .before_answer(attempt, loaded.version, may_be_stale)
            .await
        {
            Err(source) => return Try::Done(Err(attempt.store_error(source))),
            Ok(Before::Executed(record)) => return Try::Done(attempt.repeated(record)),
            Ok(Before::Stale(actual)) if attempt.existence == Existence::Creates => {
                debug_assert!(actual > 0);
                return Try::Done(Err(attempt.already_exists()));
            }
            Ok(Before::Stale(_)) => return Try::Stale,
            Ok(Before::Current) => {}
        }
        let version = loaded.version;
        if version > 0 {
            *cached = Some(loaded);
        }
        if let Err(error) = answer {
            return Try::Done(Err(error));
        }
        Try::Done(match self.seen(&attempt.stream, version).await {
            Ok(position) => Ok(Receipt {
                stream: attempt.stream.clone(),
                version,
                position,
                events: 0,
                repeated: false,
            }),
            Err(source) => Err(attempt.store_error(source)),
        })
    }

    /// Where a view must be to show all that a decision on this version rests on: the head may still be
    /// before the stream's last event, while another append is under way.
    async fn seen(&self, stream: &StreamId, version: u64) -> Result<Position, StoreError> {
        let (store, before) = (&self.store.0, version.saturating_sub(1));
        let (head, last) = tokio::join!(store.head(), store.read_stream(stream, before, 1));
        let last = last?.first().map(|event| event.position);
        Ok(head?.position.max(last.unwrap_or_default()))
    }

    async fn before_answer<C: Command>(
        &self,
        attempt: &Attempt<C>,
        version: u64,
        may_be_stale: bool,
    ) -> Result<Before, StoreError> {
        let (store, stream) = (&self.store.0, &attempt.stream);
        // Only an id that the caller chose can have been used before.
        if let Some(id) = attempt.options.command_id
            && let Some(record) = store.find_command(id, stream).await?
        {
            return Ok(Before::Executed(record));
        }
        if may_be_stale {
            let actual = store.stream_version(stream).await?;
            if actual != version {
                return Ok(Before::Stale(actual));
            }
        }
        Ok(Before::Current)
    }

    async fn append<C: Command>(
        &self,
        attempt: &Attempt<C>,
        cached: &mut Option<Loaded<C::Aggregate>>,
        mut loaded: Loaded<C::Aggregate>,
        events: Vec<EventOf<C>>,
    ) -> Try<C> {
        let encoded = match attempt.encode(&events) {
            Ok(encoded) => encoded,
            Err(error) => return Try::Done(Err(error)),
        };
        let append = attempt.append(loaded.version, encoded.events);
        // Before the append, so that an `apply` that panics stores nothing; and as the events read
        // back, so that a warm state is the one that a cold start would fold.
        for event in encoded.read_back {
            loaded.state.fold(event);
            loaded.version += 1;
        }
        match self.commit.append(append).await {
            Ok(appended) => {
                if !appended.repeated {
                    *cached = Some(loaded);
                }
                Try::Done(Ok(attempt.receipt(appended)))
            }
            Err(AppendError::Conflict(_)) if attempt.existence == Existence::Creates => {
                Try::Done(Err(attempt.already_exists()))
            }
            Err(AppendError::Conflict(conflict)) => Try::Conflict(conflict),
            Err(AppendError::Store(error @ StoreError::ConnectionLost { .. })) => {
                Try::Done(self.resolve(attempt, error).await)
            }
            Err(error) => {
                let error = ExecuteError::from_append(attempt.name, &attempt.stream, error);
                Try::Done(Err(error))
            }
        }
    }

    /// The answer to an append was lost: whether it was stored is known by its command id.
    async fn resolve<C: Command>(&self, attempt: &Attempt<C>, error: StoreError) -> Outcome<C> {
        let id = attempt.context.command_id;
        for pause in super::retry::on_conflict().pauses() {
            match self.store.0.find_command(id, &attempt.stream).await {
                Ok(Some(record)) => return attempt.repeated(record),
                Ok(None) => break,
                Err(_) => tokio::time::sleep(pause).await,
            }
        }
        Err(attempt.store_error(error))
    }
}

/// What is known about a command that would be answered without an append.
enum Before {
    Executed(CommandRecord),
    Stale(u64),
    Current,
}
