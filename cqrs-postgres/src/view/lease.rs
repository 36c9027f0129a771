//! ⑥ Leases and checkpoints of a view.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use cqrs_core::checkpoint::{Checkpoint, Claim, ClaimOutcome, ClaimRequest, EventMark};
use cqrs_core::store::StoreError;
use cqrs_core::stream::Position;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::{PostgresView, open};
use crate::binds::{integer, microseconds, number, statement};
use crate::database::{Fault, Statement};

impl PostgresView {
    pub(super) async fn claim_lease(
        &self,
        request: ClaimRequest<'_>,
    ) -> Result<ClaimOutcome, StoreError> {
        let place = self.database.place("claim lease");
        loop {
            let outcome = self.try_claim(&request).await;
            match outcome.map_err(|fault| place.fault(fault))? {
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
    async fn try_claim(&self, request: &ClaimRequest<'_>) -> Result<Option<ClaimOutcome>, Fault> {
        let sql = &self.database.sql;
        if self.table.schema.partitions > 1 {
            let begin = self.named(statement(&sql.begin_partitions));
            let begin = bind_checkpoint(begin, request.initial).bind(request.events);
            self.database.rows(begin).await?;
        }
        loop {
            let claim = self
                .partitioned(statement(&sql.claim_lease))
                .bind(request.holder)
                .bind(microseconds(request.lease));
            let claim = bind_checkpoint(claim, request.initial).bind(request.events);
            if let Some(row) = self.database.rows(claim).await?.first() {
                return Ok(Some(ClaimOutcome::Held {
                    claim: Claim::new(number(row.try_get(4)?), request.holder, request.lease),
                    checkpoint: checkpoint(row)?,
                }));
            }
            let lacking = self
                .partitioned(statement(&sql.read_lacking))
                .bind(request.events);
            let events = names(&self.database.rows(lacking).await?)?;
            if !events.is_empty() {
                return Ok(Some(ClaimOutcome::Lacks { events }));
            }
            let lease = self.partitioned(statement(&sql.read_lease));
            let lease = self.database.rows(lease).await?;
            let Some(row) = lease.first() else {
                return Ok(None);
            };
            // Without a holder, another process has released it between the two statements.
            if let Some(holder) = row.try_get(0)? {
                let until = from_now(row.try_get(1)?);
                return Ok(Some(ClaimOutcome::HeldBy { holder, until }));
            }
        }
    }

    pub(super) async fn release_lease(&self, claim: &Claim) -> Result<(), StoreError> {
        let release = self.claimed(statement(&self.database.sql.release_lease), claim);
        self.write_alone("release lease", release).await
    }

    pub(super) async fn stored_checkpoint(&self) -> Result<Checkpoint, StoreError> {
        const OPERATION: &str = "read checkpoint";
        let sql = &self.database.sql;
        let read = || self.partitioned(statement(&sql.read_checkpoint));
        let rows = self.database.read(OPERATION, read).await?;
        let stored = rows.first().map(checkpoint).transpose();
        let stored = stored.map_err(|error| self.database.place(OPERATION).error(error))?;
        Ok(stored.unwrap_or_default())
    }

    /// A statement that is a transaction of its own.
    pub(super) async fn write_alone(
        &self,
        operation: &'static str,
        statement: Statement<'_>,
    ) -> Result<(), StoreError> {
        let written = self.database.rows(statement).await;
        let written = written.map_err(|fault| self.database.place(operation).fault(fault));
        written.map(drop)
    }

    /// Which view a statement is about: its first two parameters.
    pub(super) fn named<'q>(&self, statement: Statement<'q>) -> Statement<'q> {
        self.table.named_in(statement)
    }

    /// Which partition of it: the first three parameters.
    pub(super) fn partitioned<'q>(&self, statement: Statement<'q>) -> Statement<'q> {
        self.named(statement).bind(self.partition)
    }

    /// Under which lease: the first five parameters.
    pub(super) fn claimed<'q>(&self, statement: Statement<'q>, claim: &Claim) -> Statement<'q> {
        let statement = self.partitioned(statement);
        statement.bind(integer(claim.epoch)).bind(claim.holder)
    }
}

/// Log, position, and position and id of its event.
pub(super) fn bind_checkpoint<'q>(
    statement: Statement<'q>,
    checkpoint: &Checkpoint,
) -> Statement<'q> {
    statement
        .bind(checkpoint.log_id)
        .bind(integer(checkpoint.position.get()))
        .bind(checkpoint.event.map(|event| integer(event.position.get())))
        .bind(checkpoint.event.map(|event| event.id))
}

pub(super) fn checkpoint(row: &PgRow) -> Result<Checkpoint, sqlx::Error> {
    let mut checkpoint = Checkpoint::default();
    checkpoint.log_id = row.try_get(0)?;
    checkpoint.position = Position::new(number(row.try_get(1)?));
    let position: Option<i64> = row.try_get(2)?;
    let id: Option<Uuid> = row.try_get(3)?;
    if let (Some(position), Some(id)) = (position, id) {
        let position = Position::new(number(position));
        checkpoint.event = Some(EventMark { position, id });
    }
    Ok(checkpoint)
}

/// A moment so many microseconds from now, by this machine's clock, which may differ from the database's.
pub(super) fn from_now(microseconds: i64) -> DateTime<Utc> {
    let now = Utc::now();
    let moment = now.checked_add_signed(TimeDelta::microseconds(microseconds));
    moment.unwrap_or(now)
}

/// The one text of each row.
pub(super) fn names(rows: &[PgRow]) -> Result<Vec<String>, sqlx::Error> {
    rows.iter().map(|row| row.try_get(0)).collect()
}

/// How long, in microseconds.
pub(super) fn lasting<'q>(statement: Statement<'q>, time: Duration) -> Statement<'q> {
    statement.bind(microseconds(time))
}
