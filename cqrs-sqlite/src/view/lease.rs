//! ⑥ Leases and checkpoints of a view.

use std::time::Duration;

use chrono::{DateTime, Utc};
use cqrs_core::checkpoint::{Checkpoint, Claim, ClaimOutcome, ClaimRequest, EventMark};
use cqrs_core::store::StoreError;
use cqrs_core::stream::Position;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, query};
use uuid::Uuid;

use super::events::list;
use super::{SqliteView, open};
use crate::binds::{Statement, blob, integer, microseconds, number};
use crate::database::Writer;
use crate::sql;

impl SqliteView {
    pub(super) async fn claim_lease(
        &self,
        request: ClaimRequest<'_>,
    ) -> Result<ClaimOutcome, StoreError> {
        let place = self.database.place("claim lease");
        loop {
            let outcome = self.try_claim(&request).await;
            match outcome.map_err(|error| place.error(error))? {
                Some(outcome) => return Ok(outcome),
                None if self.table.is_built() => {
                    return Err(place.failed("the table that was built is no longer there"));
                }
                // It was dropped while this process stood still for long.
                None => open::create(&self.database, &self.table).await?,
            }
        }
    }

    /// One statement decides; if it took nothing, what stands there is who holds the lease.
    async fn try_claim(
        &self,
        request: &ClaimRequest<'_>,
    ) -> Result<Option<ClaimOutcome>, sqlx::Error> {
        let mut writer = self.database.writer().await?;
        if self.table.schema.partitions > 1 {
            let begin = self.named(query(sql::BEGIN_PARTITIONS));
            let begin = bind_checkpoint(begin, request.initial).bind(list(request.events));
            writer.execute(begin).await?;
        }
        loop {
            let now = Utc::now();
            let claim = self
                .partitioned(query(sql::CLAIM_LEASE))
                .bind(blob(request.holder))
                .bind(microseconds(now))
                .bind(until(now, request.lease));
            let claim = bind_checkpoint(claim, request.initial).bind(list(request.events));
            if let Some(row) = writer.rows(claim).await?.first() {
                let epoch = number(row.try_get(4)?);
                let outcome = ClaimOutcome::Held {
                    claim: Claim::new(epoch, request.holder, request.lease),
                    checkpoint: checkpoint(row)?,
                };
                writer.settle();
                return Ok(Some(outcome));
            }
            let lacking = self.lacking(&mut writer, request.events).await?;
            if !lacking.is_empty() {
                writer.settle();
                return Ok(Some(ClaimOutcome::Lacks { events: lacking }));
            }
            let lease = writer
                .rows(self.partitioned(query(sql::READ_LEASE)))
                .await?;
            let Some(row) = lease.first() else {
                writer.settle();
                return Ok(None);
            };
            // Without a holder, another process has released it between the two statements.
            if let Some(holder) = id(row, 0)? {
                writer.settle();
                let until = DateTime::from_timestamp_micros(row.try_get(1)?).unwrap_or(now);
                return Ok(Some(ClaimOutcome::HeldBy { holder, until }));
            }
        }
    }

    /// The events that the table must see, and the worker does not follow.
    pub(super) async fn lacking(
        &self,
        writer: &mut Writer<'_>,
        followed: &[&str],
    ) -> Result<Vec<String>, sqlx::Error> {
        let lacking = self
            .partitioned(query(sql::READ_LACKING))
            .bind(list(followed));
        let rows = writer.rows(lacking).await?;
        rows.iter().map(|row| row.try_get(0)).collect()
    }

    pub(super) async fn release_lease(&self, claim: &Claim) -> Result<(), StoreError> {
        let statement = self
            .partitioned(query(sql::RELEASE_LEASE))
            .bind(integer(claim.epoch))
            .bind(blob(claim.holder))
            .bind(microseconds(Utc::now()));
        self.database.write("release lease", statement).await
    }

    pub(super) async fn stored_checkpoint(&self) -> Result<Checkpoint, StoreError> {
        const OPERATION: &str = "read checkpoint";
        let statement = self.partitioned(query(sql::READ_CHECKPOINT));
        let rows = self.database.read(OPERATION, statement).await?;
        let stored = rows.first().map(checkpoint).transpose();
        let stored = stored.map_err(|error| self.database.place(OPERATION).error(error))?;
        Ok(stored.unwrap_or_default())
    }

    /// Which view a statement is about: its first two parameters.
    pub(super) fn named<'q>(&self, statement: Statement<'q>) -> Statement<'q> {
        let statement = statement.bind(self.table.schema.name);
        statement.bind(self.table.fingerprint.clone())
    }

    /// Which partition of it: the first three parameters.
    pub(super) fn partitioned<'q>(&self, statement: Statement<'q>) -> Statement<'q> {
        self.named(statement).bind(self.partition)
    }
}

/// Log, position, and position and id of its event.
pub(super) fn bind_checkpoint<'q>(
    statement: Statement<'q>,
    checkpoint: &Checkpoint,
) -> Statement<'q> {
    statement
        .bind(checkpoint.log_id.map(blob))
        .bind(integer(checkpoint.position.get()))
        .bind(checkpoint.event.map(|event| integer(event.position.get())))
        .bind(checkpoint.event.map(|event| blob(event.id)))
}

/// The end of a lease, in microseconds.
pub(super) fn until(now: DateTime<Utc>, lease: Duration) -> i64 {
    let lease = i64::try_from(lease.as_micros()).unwrap_or(i64::MAX);
    microseconds(now).saturating_add(lease)
}

pub(super) fn checkpoint(row: &SqliteRow) -> Result<Checkpoint, sqlx::Error> {
    let mut checkpoint = Checkpoint::default();
    checkpoint.log_id = id(row, 0)?;
    checkpoint.position = Position::new(number(row.try_get(1)?));
    let position: Option<i64> = row.try_get(2)?;
    if let (Some(position), Some(id)) = (position, id(row, 3)?) {
        let position = Position::new(number(position));
        checkpoint.event = Some(EventMark { position, id });
    }
    Ok(checkpoint)
}

pub(super) fn id(row: &SqliteRow, index: usize) -> Result<Option<Uuid>, sqlx::Error> {
    let bytes: Option<&[u8]> = row.try_get(index)?;
    let id = bytes.map(Uuid::from_slice).transpose();
    id.map_err(|error| sqlx::Error::Decode(Box::new(error)))
}
