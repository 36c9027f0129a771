//! ⑦ Dead letters as people see them: list, inspect, retry, discard.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use uuid::Uuid;

use super::{DeadLetter, DeadLetterError, LetterId};
use crate::event::{DecodeError, StoredEvent};
use crate::projection::{ProjectionState, ProjectionStatus};
use crate::store::{EventStore, ReadLog, StoreError};
use crate::stream::Position;
use crate::view::{LetterOrder, LetterOutcome, LetterQuery, ViewTable};

/// How often the store is asked for the outcome of a request.
const OUTCOME_POLL: Duration = Duration::from_millis(25);

/// The dead letters of a projection or a subscription: see [`App::dead_letters`](crate::app::App).
///
/// Requests are stored beside the letters and carried out by the worker that holds the lease, in
/// whatever process it runs.
///
/// # Example
///
/// ```
/// # use cqrs::doc::Balance;
/// use cqrs::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let app = App::in_memory().project::<Balance>().await?;
/// let letters = app.dead_letters::<Balance>()?;
/// for letter in letters.list(100).await? {
///     println!("{}: {} behind it, {}", letter.id, letter.held_behind, letter.reason);
///     letters.discard(&letter.id, "a test account").await?;
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct DeadLetters {
    pub(crate) name: &'static str,
    pub(crate) table: Arc<dyn ViewTable>,
    pub(crate) events: Arc<dyn EventStore>,
    pub(crate) status: watch::Receiver<ProjectionStatus>,
    /// Wakes the worker of this process.
    pub(crate) asked: Arc<Notify>,
    pub(crate) wait_timeout: Duration,
    pub(crate) decode: fn(&StoredEvent) -> Result<(), DecodeError>,
}

/// A dead letter with its event.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct InspectedLetter {
    /// The letter.
    pub letter: DeadLetter,
    /// Its event as it is stored; [`StoredEvent::read`] decodes it, through the upcasters.
    pub event: StoredEvent,
    /// Why this program cannot decode it, if so.
    pub unreadable: Option<DecodeError>,
}

impl std::fmt::Debug for DeadLetters {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = self.name;
        formatter
            .debug_struct("DeadLetters")
            .field("name", &name)
            .finish_non_exhaustive()
    }
}

impl DeadLetters {
    /// The first letters that wait, by position.
    ///
    /// # Errors
    ///
    /// [`DeadLetterError::Store`].
    pub async fn list(&self, limit: usize) -> Result<Vec<DeadLetter>, DeadLetterError> {
        let after = None;
        self.letters(LetterQuery::Waiting { after, limit }).await
    }

    /// The letters that wait behind this one.
    ///
    /// # Errors
    ///
    /// [`DeadLetterError::Store`].
    pub async fn list_after(
        &self,
        id: &LetterId,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, DeadLetterError> {
        let after = Some(id.held());
        self.letters(LetterQuery::Waiting { after, limit }).await
    }

    /// The first letters that were discarded, with the reasons.
    ///
    /// # Errors
    ///
    /// [`DeadLetterError::Store`].
    pub async fn discarded(&self, limit: usize) -> Result<Vec<DeadLetter>, DeadLetterError> {
        let after = None;
        self.letters(LetterQuery::Discarded { after, limit }).await
    }

    /// A letter with its event, and whether this program can decode it by now.
    ///
    /// # Errors
    ///
    /// [`DeadLetterError`] when there is no such letter, or the store fails.
    pub async fn inspect(&self, id: &LetterId) -> Result<InspectedLetter, DeadLetterError> {
        let letter = self.letters(LetterQuery::One(id.held())).await?.pop();
        let letter = letter.ok_or_else(|| self.not_found(id))?;
        let event = event_at(self.events.as_ref(), id.position).await;
        let event = event.map_err(|source| self.failed(source))?;
        let event = event.ok_or_else(|| DeadLetterError::EventGone {
            view: self.name,
            id: id.clone(),
        })?;
        let unreadable = (self.decode)(&event).err();
        Ok(InspectedLetter {
            letter,
            event,
            unreadable,
        })
    }

    /// Tries a letter again, then what is held behind it, and says what became of it.
    ///
    /// # Errors
    ///
    /// [`DeadLetterError`] when there is no such letter, the store fails, or nobody carries the
    /// request out in time; then it stays stored.
    pub async fn retry(&self, id: &LetterId) -> Result<LetterOutcome, DeadLetterError> {
        self.require(id).await?;
        self.request(LetterOrder::Retry(id.held())).await
    }

    /// Tries every letter again, each key by itself.
    ///
    /// # Errors
    ///
    /// [`DeadLetterError`] when the store fails, or nobody carries the request out in time; then it
    /// stays stored.
    pub async fn retry_all(&self) -> Result<LetterOutcome, DeadLetterError> {
        self.request(LetterOrder::RetryAll).await
    }

    /// Gives a letter up: its event is left out for this key, the reason is kept, and what is held
    /// behind it goes on.
    ///
    /// # Errors
    ///
    /// As [`DeadLetters::retry`].
    pub async fn discard(
        &self,
        id: &LetterId,
        reason: impl Into<String>,
    ) -> Result<LetterOutcome, DeadLetterError> {
        self.require(id).await?;
        let (letter, reason) = (id.held(), reason.into());
        self.request(LetterOrder::Discard { letter, reason }).await
    }

    async fn letters(&self, query: LetterQuery) -> Result<Vec<DeadLetter>, DeadLetterError> {
        let letters = self.table.letters().letters(&query).await;
        let letters = letters.map_err(|source| self.failed(source))?;
        let letters = letters
            .into_iter()
            .map(|letter| DeadLetter::new(self.name, letter));
        Ok(letters.collect())
    }

    async fn require(&self, id: &LetterId) -> Result<(), DeadLetterError> {
        let letters = self.letters(LetterQuery::One(id.held())).await?;
        match letters.iter().any(|letter| letter.discarded.is_none()) {
            true => Ok(()),
            false => Err(self.not_found(id)),
        }
    }

    async fn request(&self, order: LetterOrder) -> Result<LetterOutcome, DeadLetterError> {
        let id = Uuid::now_v7();
        let asked = self.table.letters().ask(id, &order).await;
        asked.map_err(|source| self.failed(source))?;
        self.asked.notify_one();
        let waited = self.wait_timeout;
        let outcome = tokio::time::timeout(waited, self.outcome(id)).await;
        outcome.unwrap_or_else(|_| {
            let view = self.name;
            Err(DeadLetterError::TimedOut { view, waited })
        })
    }

    async fn outcome(&self, id: Uuid) -> Result<LetterOutcome, DeadLetterError> {
        loop {
            let outcome = self.table.letters().outcome(id).await;
            if let Some(outcome) = outcome.map_err(|source| self.failed(source))? {
                return Ok(outcome);
            }
            if let ProjectionState::Stopped(failure) = &self.status.borrow().state {
                return Err(DeadLetterError::Stopped(failure.clone()));
            }
            tokio::time::sleep(OUTCOME_POLL).await;
        }
    }

    fn not_found(&self, id: &LetterId) -> DeadLetterError {
        let (view, id) = (self.name, id.clone());
        DeadLetterError::NotFound { view, id }
    }

    fn failed(&self, source: StoreError) -> DeadLetterError {
        let view = self.name;
        DeadLetterError::Store { view, source }
    }
}

/// The event at a position, whole.
pub(crate) async fn event_at(
    events: &dyn EventStore,
    position: Position,
) -> Result<Option<StoredEvent>, StoreError> {
    let before = Position::new(position.get().saturating_sub(1));
    let request = ReadLog::between(before, position, 1);
    Ok(events.read_log(&request).await?.pop())
}
