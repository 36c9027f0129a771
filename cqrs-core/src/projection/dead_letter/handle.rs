//! ⑦ Dead letters as people see them: list, inspect, retry, discard.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

use super::{DeadLetter, DeadLetterError, LetterId};
use crate::event::{DecodeError, StoredEvent};
use crate::projection::{ProjectionState, ProjectionStatus, Signal};
use crate::store::{EventStore, ReadLog, StoreError};
use crate::stream::Position;
use crate::view::{LetterOrder, LetterOutcome, LetterQuery, LetterStore, StoredLetter, ViewTable};

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
    /// One for each partition.
    pub(crate) tables: Vec<Arc<dyn ViewTable>>,
    pub(crate) events: Arc<dyn EventStore>,
    pub(crate) status: watch::Receiver<ProjectionStatus>,
    /// Wakes the workers of this process.
    pub(crate) asked: Signal,
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
        let waiting = self.require(id).await?;
        self.request(&waiting, LetterOrder::Retry(id.held())).await
    }

    /// Tries every letter again, each key by itself.
    ///
    /// # Errors
    ///
    /// [`DeadLetterError`] when the store fails, or nobody carries the request out in time; then it
    /// stays stored.
    pub async fn retry_all(&self) -> Result<LetterOutcome, DeadLetterError> {
        let mut waiting = Vec::new();
        for table in &self.tables {
            let letters = table.letters().letter_count().await;
            if letters.map_err(|source| self.failed(source))? > 0 {
                waiting.push(table);
            }
        }
        self.request(&waiting, LetterOrder::RetryAll).await
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
        let waiting = self.require(id).await?;
        let (letter, reason) = (id.held(), reason.into());
        let order = LetterOrder::Discard { letter, reason };
        self.request(&waiting, order).await
    }

    /// In order; a letter of several partitions comes once.
    async fn letters(&self, query: LetterQuery) -> Result<Vec<DeadLetter>, DeadLetterError> {
        let mut letters: BTreeMap<(Position, String), StoredLetter> = BTreeMap::new();
        for table in &self.tables {
            let found = table.letters().letters(&query).await;
            for letter in found.map_err(|source| self.failed(source))? {
                let place = (letter.event.position, letter.event.key.clone());
                match letters.get_mut(&place) {
                    Some(known) => join(known, &letter),
                    None => {
                        letters.insert(place, letter);
                    }
                }
            }
        }
        let limit = match query {
            LetterQuery::Waiting { limit, .. } | LetterQuery::Discarded { limit, .. } => limit,
            LetterQuery::One(_) => 1,
        };
        let letters = letters.into_values().take(limit);
        let letters = letters.map(|letter| DeadLetter::new(self.name, letter));
        Ok(letters.collect())
    }

    /// The partitions in which the letter waits.
    async fn require(&self, id: &LetterId) -> Result<Vec<&Arc<dyn ViewTable>>, DeadLetterError> {
        let one = LetterQuery::One(id.held());
        let mut waiting = Vec::new();
        for table in &self.tables {
            let letters = table.letters().letters(&one).await;
            let letters = letters.map_err(|source| self.failed(source))?;
            if letters.iter().any(|letter| letter.discarded.is_none()) {
                waiting.push(table);
            }
        }
        match waiting.is_empty() {
            true => Err(self.not_found(id)),
            false => Ok(waiting),
        }
    }

    async fn request(
        &self,
        tables: &[&Arc<dyn ViewTable>],
        order: LetterOrder,
    ) -> Result<LetterOutcome, DeadLetterError> {
        let mut requests = Vec::new();
        for table in tables {
            let id = Uuid::now_v7();
            let asked = table.letters().ask(id, &order).await;
            asked.map_err(|source| self.failed(source))?;
            requests.push((table.letters(), id));
        }
        self.asked.tell();
        let waited = self.wait_timeout;
        let outcome = tokio::time::timeout(waited, self.outcomes(&requests)).await;
        outcome.unwrap_or_else(|_| {
            let view = self.name;
            Err(DeadLetterError::TimedOut { view, waited })
        })
    }

    async fn outcomes(
        &self,
        requests: &[(&dyn LetterStore, Uuid)],
    ) -> Result<LetterOutcome, DeadLetterError> {
        let mut all = LetterOutcome::default();
        for (letters, id) in requests {
            let outcome = self.outcome(*letters, *id).await?;
            all.resolved += outcome.resolved;
            all.failed += outcome.failed;
            all.reason = outcome.reason.or(all.reason);
        }
        Ok(all)
    }

    async fn outcome(
        &self,
        letters: &dyn LetterStore,
        id: Uuid,
    ) -> Result<LetterOutcome, DeadLetterError> {
        loop {
            let outcome = letters.outcome(id).await;
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

/// What several partitions know of one letter.
fn join(known: &mut StoredLetter, other: &StoredLetter) {
    known.attempts = known.attempts.max(other.attempts);
    known.behind = known.behind.max(other.behind);
    // As long as it waits in one of them, it waits.
    if other.discarded.is_none() {
        known.discarded = None;
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
