//! ⑧ Dead letters, what is held behind them, and what was asked.

use std::sync::Arc;
use std::time::Duration;

use cqrs_core::BoxFuture;
use cqrs_core::store::StoreError;
use cqrs_core::stream::{Position, StreamId};
use cqrs_core::view::{
    HeldEvent, Hold, LetterChanges, LetterOrder, LetterOutcome, LetterQuery, LetterReader,
    LetterRequests, StoredLetter,
};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::PostgresView;
use super::lease::lasting;
use crate::binds::{integer, number, statement};
use crate::database::{Fault, Statement, Transaction};

/// How long an answer waits to be fetched.
const ANSWERS_KEPT: Duration = Duration::from_secs(60 * 60);

/// Inside the transaction of a page, whose checkpoint has shown that the lease is still held.
impl PostgresView {
    pub(super) async fn change_letters(
        &self,
        transaction: &mut Transaction<'_>,
        changes: &LetterChanges,
    ) -> Result<(), Fault> {
        let sql = &self.database.sql;
        let discarded = changes.discarded.iter().map(|(event, _)| event);
        let gone: Vec<&HeldEvent> = changes.released.iter().chain(discarded).collect();
        self.each(transaction, &sql.release_held_events, &gone)
            .await?;
        let released: Vec<&HeldEvent> = changes.released.iter().collect();
        self.each(transaction, &sql.delete_letters, &released)
            .await?;
        for (event, reason) in &changes.discarded {
            let discard = self.letter(statement(&sql.discard_letter), event);
            transaction.execute(discard.bind(storable(reason))).await?;
        }
        let held: Vec<&HeldEvent> = changes.held.iter().collect();
        self.each(transaction, &sql.hold_events, &held).await?;
        for letter in &changes.letters {
            transaction.execute(self.save_letter(letter)).await?;
        }
        for (request, outcome) in &changes.answers {
            self.answer(transaction, *request, outcome).await?;
        }
        Ok(())
    }

    /// One statement about all of the events.
    async fn each(
        &self,
        transaction: &mut Transaction<'_>,
        text: &Arc<str>,
        events: &[&HeldEvent],
    ) -> Result<(), Fault> {
        if events.is_empty() {
            return Ok(());
        }
        let keys: Vec<&str> = events.iter().map(|event| event.key.as_str()).collect();
        let positions = events.iter().map(|event| integer(event.position.get()));
        let positions: Vec<i64> = positions.collect();
        let statement = self.partitioned(statement(text)).bind(keys);
        transaction.execute(statement.bind(positions)).await
    }

    fn save_letter(&self, letter: &StoredLetter) -> Statement<'static> {
        self.letter(statement(&self.database.sql.save_letter), &letter.event)
            .bind(letter.stream.category().to_owned())
            .bind(letter.stream.id().to_owned())
            .bind(integer(letter.version))
            .bind(letter.name.clone())
            .bind(letter.event_id)
            .bind(letter.recorded_at)
            .bind(storable(&letter.reason))
            .bind(integer(letter.attempts))
    }

    async fn answer(
        &self,
        transaction: &mut Transaction<'_>,
        request: Uuid,
        outcome: &LetterOutcome,
    ) -> Result<(), Fault> {
        let sql = &self.database.sql;
        let outcome = serde_json::to_string(outcome).map_err(unwritable)?;
        let answer = self.named(statement(&sql.answer_letter_request));
        transaction
            .execute(answer.bind(request).bind(outcome))
            .await?;
        let old = self.named(statement(&sql.delete_letter_requests));
        transaction.execute(lasting(old, ANSWERS_KEPT)).await
    }

    /// Which letter a statement is about: its first five parameters.
    fn letter<'q>(&self, statement: Statement<'q>, event: &HeldEvent) -> Statement<'q> {
        let statement = self.partitioned(statement);
        statement
            .bind(integer(event.position.get()))
            .bind(event.key.clone())
    }
}

impl PostgresView {
    async fn find_holds(&self) -> Result<Vec<Hold>, StoreError> {
        let hold = |row: &PgRow| {
            let (key, first): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
            Ok(Hold::new(
                key,
                Position::new(number(first)),
                row.try_get(2)?,
            ))
        };
        let text = &self.database.sql.find_holds;
        let read = || self.partitioned(statement(text));
        self.read_all("find holds", read, hold).await
    }

    async fn held_events(&self, key: &str, limit: usize) -> Result<Vec<Position>, StoreError> {
        let read = || {
            self.partitioned(statement(&self.database.sql.read_held_events))
                .bind(key.to_owned())
                .bind(integer(limit as u64))
        };
        let position = |row: &PgRow| Ok(Position::new(number(row.try_get(0)?)));
        self.read_all("read held events", read, position).await
    }

    async fn find_letters(&self, asked: &LetterQuery) -> Result<Vec<StoredLetter>, StoreError> {
        const OPERATION: &str = "read letters";
        let sql = &self.database.sql;
        let list = |is_discarded: bool, after: &Option<HeldEvent>, limit: usize| {
            let after = after.as_ref();
            self.partitioned(statement(&sql.read_letters))
                .bind(is_discarded)
                .bind(after.map(|event| integer(event.position.get())))
                .bind(after.map(|event| event.key.clone()))
                .bind(integer(limit as u64))
        };
        let read = || match asked {
            LetterQuery::One(event) => Some(self.letter(statement(&sql.read_letter), event)),
            LetterQuery::Waiting { after, limit } => Some(list(false, after, *limit)),
            LetterQuery::Discarded { after, limit } => Some(list(true, after, *limit)),
            _ => None,
        };
        if read().is_none() {
            let reason = format!("Postgres has no letters of {asked:?}");
            return Err(self.database.place(OPERATION).failed(reason));
        }
        let read = || read().unwrap_or_else(|| list(false, &None, 0));
        self.read_all(OPERATION, read, stored_letter).await
    }

    async fn count_letters(&self) -> Result<u64, StoreError> {
        let read = || self.partitioned(statement(&self.database.sql.count_letters));
        let count = |row: &PgRow| Ok(number(row.try_get(0)?));
        let counts = self.read_all("count letters", read, count).await?;
        Ok(counts.first().copied().unwrap_or(0))
    }

    async fn insert_request(&self, request: Uuid, order: &LetterOrder) -> Result<(), StoreError> {
        const OPERATION: &str = "ask about letters";
        let order = serde_json::to_string(order);
        let order = order.map_err(|error| self.database.place(OPERATION).failed(error))?;
        let insert = self
            .partitioned(statement(&self.database.sql.insert_letter_request))
            .bind(request)
            .bind(order);
        self.write_alone(OPERATION, insert).await
    }

    async fn open_requests(&self) -> Result<Vec<(Uuid, LetterOrder)>, StoreError> {
        let read = || self.partitioned(statement(&self.database.sql.read_letter_requests));
        let request = |row: &PgRow| {
            let order = serde_json::from_str(row.try_get(1)?).map_err(unreadable)?;
            Ok((row.try_get(0)?, order))
        };
        self.read_all("read letter requests", read, request).await
    }

    async fn find_outcome(&self, request: Uuid) -> Result<Option<LetterOutcome>, StoreError> {
        let text = &self.database.sql.read_letter_outcome;
        let read = || self.named(statement(text)).bind(request);
        let outcome = |row: &PgRow| {
            let text: Option<&str> = row.try_get(0)?;
            text.map(serde_json::from_str)
                .transpose()
                .map_err(unreadable)
        };
        let outcomes = self.read_all("read letter outcome", read, outcome).await?;
        Ok(outcomes.into_iter().flatten().next())
    }

    async fn read_all<'q, T>(
        &self,
        operation: &'static str,
        read: impl Fn() -> Statement<'q>,
        decode: impl Fn(&PgRow) -> Result<T, sqlx::Error>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.database.read(operation, read).await?;
        let decoded: Result<Vec<T>, _> = rows.iter().map(decode).collect();
        decoded.map_err(|error| self.database.place(operation).error(error))
    }
}

fn stored_letter(row: &PgRow) -> Result<StoredLetter, sqlx::Error> {
    let event = HeldEvent::new(text(row, 0)?, Position::new(number(row.try_get(1)?)));
    let stream = StreamId::new(text(row, 2)?, text(row, 3)?);
    let stream = stream.map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    let mut letter = StoredLetter::new(event, stream, number(row.try_get(4)?));
    letter.name = text(row, 5)?;
    letter.event_id = row.try_get(6)?;
    letter.recorded_at = row.try_get(7)?;
    letter.reason = text(row, 8)?;
    letter.attempts = number(row.try_get(9)?);
    letter.discarded = row.try_get(10)?;
    letter.behind = number(row.try_get(11)?);
    Ok(letter)
}

/// What a person reads, without the one character that Postgres keeps in no text.
fn storable(reason: &str) -> String {
    reason.replace('\0', "\u{fffd}")
}

fn text(row: &PgRow, index: usize) -> Result<String, sqlx::Error> {
    row.try_get(index)
}

fn unwritable(error: serde_json::Error) -> sqlx::Error {
    sqlx::Error::Encode(Box::new(error))
}

fn unreadable(error: serde_json::Error) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

impl LetterReader for PostgresView {
    fn holds(&self) -> BoxFuture<'_, Result<Vec<Hold>, StoreError>> {
        Box::pin(self.find_holds())
    }

    fn held<'a>(
        &'a self,
        key: &'a str,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Position>, StoreError>> {
        Box::pin(self.held_events(key, limit))
    }

    fn letters<'a>(
        &'a self,
        query: &'a LetterQuery,
    ) -> BoxFuture<'a, Result<Vec<StoredLetter>, StoreError>> {
        Box::pin(self.find_letters(query))
    }

    fn letter_count(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(self.count_letters())
    }
}

impl LetterRequests for PostgresView {
    fn ask<'a>(
        &'a self,
        id: Uuid,
        order: &'a LetterOrder,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.insert_request(id, order))
    }

    fn requests(&self) -> BoxFuture<'_, Result<Vec<(Uuid, LetterOrder)>, StoreError>> {
        Box::pin(self.open_requests())
    }

    fn outcome(&self, id: Uuid) -> BoxFuture<'_, Result<Option<LetterOutcome>, StoreError>> {
        Box::pin(self.find_outcome(id))
    }
}
