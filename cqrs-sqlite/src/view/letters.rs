//! ⑧ Dead letters, what is held behind them, and what was asked.

use std::time::Duration;

use chrono::{DateTime, Utc};
use cqrs_core::BoxFuture;
use cqrs_core::store::StoreError;
use cqrs_core::stream::{Position, StreamId};
use cqrs_core::view::{
    HeldEvent, Hold, LetterChanges, LetterOrder, LetterOutcome, LetterQuery, LetterReader,
    LetterRequests, StoredLetter,
};
use sqlx::Row;
use sqlx::query;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::SqliteView;
use super::lease::id;
use crate::binds::{Statement, blob, integer, microseconds, number};
use crate::database::Writer;
use crate::sql;

/// How long an answer waits to be fetched.
const ANSWERS_KEPT: Duration = Duration::from_secs(60 * 60);

/// Inside the transaction of a page, whose checkpoint has shown that the lease is still held.
impl SqliteView {
    pub(super) async fn change_letters(
        &self,
        writer: &mut Writer<'_>,
        changes: &LetterChanges,
    ) -> Result<(), sqlx::Error> {
        let discarded = changes.discarded.iter().map(|(event, _)| event);
        let gone: Vec<&HeldEvent> = changes.released.iter().chain(discarded).collect();
        self.each(writer, sql::RELEASE_HELD_EVENTS, &gone).await?;
        let released: Vec<&HeldEvent> = changes.released.iter().collect();
        self.each(writer, sql::DELETE_LETTERS, &released).await?;
        for (event, reason) in &changes.discarded {
            let statement = self.letter(query(sql::DISCARD_LETTER), event);
            writer.execute(statement.bind(reason.clone())).await?;
        }
        let held: Vec<&HeldEvent> = changes.held.iter().collect();
        self.each(writer, sql::HOLD_EVENTS, &held).await?;
        for letter in &changes.letters {
            writer.execute(self.save_letter(letter)).await?;
        }
        for (request, outcome) in &changes.answers {
            self.answer(writer, *request, outcome).await?;
        }
        Ok(())
    }

    /// One statement about all of the events.
    async fn each(
        &self,
        writer: &mut Writer<'_>,
        statement: &'static str,
        events: &[&HeldEvent],
    ) -> Result<(), sqlx::Error> {
        if events.is_empty() {
            return Ok(());
        }
        let events = events.iter().map(|event| (&event.key, event.position));
        let events = events.collect::<Vec<_>>();
        let events = serde_json::to_string(&events).map_err(unwritable)?;
        writer
            .execute(self.partitioned(query(statement)).bind(events))
            .await?;
        Ok(())
    }

    fn save_letter(&self, letter: &StoredLetter) -> Statement<'static> {
        self.letter(query(sql::SAVE_LETTER), &letter.event)
            .bind(letter.stream.category().to_owned())
            .bind(letter.stream.id().to_owned())
            .bind(integer(letter.version))
            .bind(letter.name.clone())
            .bind(blob(letter.event_id))
            .bind(microseconds(letter.recorded_at))
            .bind(letter.reason.clone())
            .bind(integer(letter.attempts))
    }

    async fn answer(
        &self,
        writer: &mut Writer<'_>,
        request: Uuid,
        outcome: &LetterOutcome,
    ) -> Result<(), sqlx::Error> {
        let outcome = serde_json::to_string(outcome).map_err(unwritable)?;
        let answer = self.named(query(sql::ANSWER_LETTER_REQUEST));
        let answer = answer.bind(blob(request)).bind(outcome);
        writer.execute(answer).await?;
        let old = microseconds(Utc::now() - ANSWERS_KEPT);
        let old = self.named(query(sql::DELETE_LETTER_REQUESTS)).bind(old);
        writer.execute(old).await?;
        Ok(())
    }

    /// Which letter a statement is about: its first five parameters.
    fn letter<'q>(&self, statement: Statement<'q>, event: &HeldEvent) -> Statement<'q> {
        let statement = self.partitioned(statement);
        statement
            .bind(integer(event.position.get()))
            .bind(event.key.clone())
    }
}

impl SqliteView {
    async fn find_holds(&self) -> Result<Vec<Hold>, StoreError> {
        let rows = self.rows("find holds", query(sql::FIND_HOLDS)).await?;
        let hold = |row: &SqliteRow| {
            let (key, first): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
            Ok(Hold::new(
                key,
                Position::new(number(first)),
                row.try_get(2)?,
            ))
        };
        self.read_all("find holds", &rows, hold)
    }

    async fn held_events(&self, key: &str, limit: usize) -> Result<Vec<Position>, StoreError> {
        const OPERATION: &str = "read held events";
        let statement = self.partitioned(query(sql::READ_HELD_EVENTS));
        let statement = statement.bind(key.to_owned()).bind(integer(limit as u64));
        let rows = self.database.read(OPERATION, statement).await?;
        let position = |row: &SqliteRow| Ok(Position::new(number(row.try_get(0)?)));
        self.read_all(OPERATION, &rows, position)
    }

    async fn find_letters(&self, asked: &LetterQuery) -> Result<Vec<StoredLetter>, StoreError> {
        const OPERATION: &str = "read letters";
        let list = |is_discarded: bool, after: &Option<HeldEvent>, limit: usize| {
            let after = after.as_ref();
            self.partitioned(query(sql::READ_LETTERS))
                .bind(is_discarded)
                .bind(after.map(|event| integer(event.position.get())))
                .bind(after.map(|event| event.key.clone()))
                .bind(integer(limit as u64))
        };
        let statement = match asked {
            LetterQuery::One(event) => self.letter(query(sql::READ_LETTER), event),
            LetterQuery::Waiting { after, limit } => list(false, after, *limit),
            LetterQuery::Discarded { after, limit } => list(true, after, *limit),
            other => {
                let reason = format!("SQLite has no letters of {other:?}");
                return Err(self.database.place(OPERATION).failed(reason));
            }
        };
        let rows = self.database.read(OPERATION, statement).await?;
        self.read_all(OPERATION, &rows, stored_letter)
    }

    async fn count_letters(&self) -> Result<u64, StoreError> {
        const OPERATION: &str = "count letters";
        let rows = self.rows(OPERATION, query(sql::COUNT_LETTERS)).await?;
        let count = |row: &SqliteRow| Ok(number(row.try_get(0)?));
        let counts = self.read_all(OPERATION, &rows, count)?;
        Ok(counts.first().copied().unwrap_or(0))
    }

    async fn insert_request(&self, request: Uuid, order: &LetterOrder) -> Result<(), StoreError> {
        const OPERATION: &str = "ask about letters";
        let order = serde_json::to_string(order);
        let order = order.map_err(|error| self.database.place(OPERATION).failed(error))?;
        let statement = self
            .partitioned(query(sql::INSERT_LETTER_REQUEST))
            .bind(blob(request))
            .bind(order)
            .bind(microseconds(Utc::now()));
        self.database.write(OPERATION, statement).await
    }

    async fn open_requests(&self) -> Result<Vec<(Uuid, LetterOrder)>, StoreError> {
        const OPERATION: &str = "read letter requests";
        let rows = self
            .rows(OPERATION, query(sql::READ_LETTER_REQUESTS))
            .await?;
        let request = |row: &SqliteRow| {
            let order = serde_json::from_str(row.try_get(1)?).map_err(unreadable)?;
            Ok((id(row, 0)?.unwrap_or_default(), order))
        };
        self.read_all(OPERATION, &rows, request)
    }

    async fn find_outcome(&self, request: Uuid) -> Result<Option<LetterOutcome>, StoreError> {
        const OPERATION: &str = "read letter outcome";
        let statement = self.named(query(sql::READ_LETTER_OUTCOME));
        let rows = self
            .database
            .read(OPERATION, statement.bind(blob(request)))
            .await?;
        let outcome = |row: &SqliteRow| {
            let text: Option<&str> = row.try_get(0)?;
            text.map(serde_json::from_str)
                .transpose()
                .map_err(unreadable)
        };
        Ok(self
            .read_all(OPERATION, &rows, outcome)?
            .into_iter()
            .flatten()
            .next())
    }

    /// What a statement finds that needs to know the partition alone.
    async fn rows(
        &self,
        operation: &'static str,
        statement: Statement<'_>,
    ) -> Result<Vec<SqliteRow>, StoreError> {
        let statement = self.partitioned(statement);
        self.database.read(operation, statement).await
    }

    fn read_all<T>(
        &self,
        operation: &'static str,
        rows: &[SqliteRow],
        read: impl Fn(&SqliteRow) -> Result<T, sqlx::Error>,
    ) -> Result<Vec<T>, StoreError> {
        let read: Result<Vec<T>, _> = rows.iter().map(read).collect();
        read.map_err(|error| self.database.place(operation).error(error))
    }
}

fn stored_letter(row: &SqliteRow) -> Result<StoredLetter, sqlx::Error> {
    let event = HeldEvent::new(text(row, 0)?, Position::new(number(row.try_get(1)?)));
    let stream = StreamId::new(text(row, 2)?, text(row, 3)?);
    let stream = stream.map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    let mut letter = StoredLetter::new(event, stream, number(row.try_get(4)?));
    letter.name = text(row, 5)?;
    letter.event_id = id(row, 6)?.unwrap_or_default();
    letter.recorded_at = DateTime::from_timestamp_micros(row.try_get(7)?).unwrap_or_default();
    letter.reason = text(row, 8)?;
    letter.attempts = number(row.try_get(9)?);
    letter.discarded = row.try_get(10)?;
    letter.behind = number(row.try_get(11)?);
    Ok(letter)
}

fn text(row: &SqliteRow, index: usize) -> Result<String, sqlx::Error> {
    row.try_get(index)
}

fn unwritable(error: serde_json::Error) -> sqlx::Error {
    sqlx::Error::Encode(Box::new(error))
}

fn unreadable(error: serde_json::Error) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

impl LetterReader for SqliteView {
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

impl LetterRequests for SqliteView {
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
