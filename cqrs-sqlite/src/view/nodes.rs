//! ⑥ Which nodes feed the partitions of a view, and which would.

use chrono::{DateTime, Utc};
use cqrs_core::BoxFuture;
use cqrs_core::checkpoint::ClaimRequest;
use cqrs_core::store::StoreError;
use cqrs_core::view::{Lease, Leases, ViewNodes};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, query};
use uuid::Uuid;

use super::SqliteView;
use super::events::list;
use super::lease::{id, until};
use crate::binds::{blob, microseconds};
use crate::sql;

impl SqliteView {
    async fn read_leases(&self) -> Result<Leases, StoreError> {
        const OPERATION: &str = "read leases";
        let now = Utc::now();
        let read = self.named(query(sql::READ_LEASES)).bind(microseconds(now));
        let rows = self.database.read(OPERATION, read).await?;
        leases(&rows, now).map_err(|error| self.database.place(OPERATION).error(error))
    }

    async fn write_standby(&self, request: ClaimRequest<'_>) -> Result<(), StoreError> {
        const OPERATION: &str = "stand by";
        let now = Utc::now();
        let standby = self
            .named(query(sql::STAND_BY))
            .bind(blob(request.holder))
            .bind(until(now, request.lease))
            .bind(list(request.events));
        self.database.write(OPERATION, standby).await?;
        let remove = query(sql::REMOVE_STANDBYS).bind(self.table.schema.name);
        self.database
            .write(OPERATION, remove.bind(microseconds(now)))
            .await
    }

    async fn remove_standby(&self, node: Uuid) -> Result<(), StoreError> {
        let leave = self.named(query(sql::LEAVE)).bind(blob(node));
        self.database.write("leave", leave).await
    }
}

fn leases(rows: &[SqliteRow], now: DateTime<Utc>) -> Result<Leases, sqlx::Error> {
    let (mut partitions, mut standing_by) = (Vec::new(), Vec::new());
    for row in rows {
        let partition: Option<i64> = row.try_get(0)?;
        let node = id(row, 1)?;
        let until = DateTime::from_timestamp_micros(row.try_get(2)?).unwrap_or(now);
        match partition {
            Some(_) => partitions.push(node.map(|holder| Lease { holder, until })),
            None => standing_by.extend(node),
        }
    }
    Ok(Leases::new(partitions, standing_by))
}

impl ViewNodes for SqliteView {
    fn leases(&self) -> BoxFuture<'_, Result<Leases, StoreError>> {
        Box::pin(self.read_leases())
    }

    fn stand_by<'a>(&'a self, request: ClaimRequest<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.write_standby(request))
    }

    fn leave(&self, node: Uuid) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.remove_standby(node))
    }
}
