//! ⑥ Which nodes feed the partitions of a view, and which would.

use cqrs_core::BoxFuture;
use cqrs_core::checkpoint::ClaimRequest;
use cqrs_core::store::StoreError;
use cqrs_core::view::{Lease, Leases, ViewNodes};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::PostgresView;
use super::lease::{from_now, lasting};
use crate::binds::statement;

impl PostgresView {
    async fn read_leases(&self) -> Result<Leases, StoreError> {
        const OPERATION: &str = "read leases";
        let read = || self.named(statement(&self.database.sql.read_leases));
        let rows = self.database.read(OPERATION, read).await?;
        leases(&rows).map_err(|error| self.database.place(OPERATION).error(error))
    }

    async fn write_standby(&self, request: ClaimRequest<'_>) -> Result<(), StoreError> {
        const OPERATION: &str = "stand by";
        let sql = &self.database.sql;
        let remove = statement(&sql.remove_standbys).bind(self.table.schema.name);
        self.write_alone(OPERATION, remove).await?;
        let standby = self.named(statement(&sql.stand_by)).bind(request.holder);
        let standby = lasting(standby, request.lease).bind(request.events);
        self.write_alone(OPERATION, standby).await
    }

    async fn remove_standby(&self, node: Uuid) -> Result<(), StoreError> {
        let leave = self.named(statement(&self.database.sql.leave)).bind(node);
        self.write_alone("leave", leave).await
    }
}

fn leases(rows: &[PgRow]) -> Result<Leases, sqlx::Error> {
    let (mut partitions, mut standing_by) = (Vec::new(), Vec::new());
    for row in rows {
        let partition: Option<i32> = row.try_get(0)?;
        let node: Option<Uuid> = row.try_get(1)?;
        let until = from_now(row.try_get(2)?);
        match partition {
            Some(_) => partitions.push(node.map(|holder| Lease { holder, until })),
            None => standing_by.extend(node),
        }
    }
    Ok(Leases::new(partitions, standing_by))
}

impl ViewNodes for PostgresView {
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
