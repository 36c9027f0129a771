//! ⑧ A table that is built anew, to take the place of the one with its schema.

use std::sync::Arc;

use cqrs_core::checkpoint::{Claim, ClaimRequest};
use cqrs_core::store::StoreError;
use cqrs_core::view::{BuildOutcome, Building, ViewSchema, ViewTable};
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::lease::{bind_checkpoint, checkpoint, from_now};
use super::table::Table;
use super::{PostgresView, PostgresViewStore, open, swap};
use crate::binds::{microseconds, number, statement};
use crate::database::Fault;

impl PostgresViewStore {
    pub(super) async fn build_view(
        &self,
        schema: &ViewSchema,
        request: ClaimRequest<'_>,
    ) -> Result<BuildOutcome, StoreError> {
        let replaced = self.table(schema)?;
        // Nobody may have fed it for so long that it was dropped; what is built takes its place.
        open::create(&self.database, &replaced).await?;
        let table = replaced.built();
        let begun = self.begin_build(&table, &request).await;
        let begun = begun.map_err(|fault| self.database.place("begin build").fault(fault))?;
        Ok(match begun {
            Err(building) => BuildOutcome::HeldBy(building),
            Ok(claim) => {
                let table: Arc<dyn ViewTable> = Arc::new(PostgresView {
                    database: Arc::clone(&self.database),
                    table,
                    partition: 0,
                });
                BuildOutcome::Held { table, claim }
            }
        })
    }

    /// Lease and empty table in one transaction, so that nobody who held it before writes into it.
    async fn begin_build(
        &self,
        table: &Table,
        request: &ClaimRequest<'_>,
    ) -> Result<Result<Claim, Building>, Fault> {
        let sql = &self.database.sql;
        let mut transaction = open::begin_change(&self.database, table).await?;
        let begin = table
            .named_in(statement(&sql.begin_build))
            .bind(request.holder)
            .bind(microseconds(request.lease));
        let begin = bind_checkpoint(begin, request.initial)
            .bind(request.events)
            .bind(table.partitions());
        let begun = transaction.rows(begin).await?;
        let Some(epoch) = begun.first().map(|row| row.try_get(0)).transpose()? else {
            let held = table.named_in(statement(&sql.read_building));
            let held = transaction.rows(held).await?;
            let held = held.first().map(building).transpose()?;
            transaction.rollback().await?;
            let held = held.ok_or(sqlx::Error::RowNotFound)?;
            return Ok(Err(held));
        };
        swap::remove_letters(&mut transaction, sql, table).await?;
        open::make(&mut transaction, table.drop_table()).await?;
        open::create_table(&mut transaction, sql, table).await?;
        transaction.commit().await?;
        let claim = Claim::new(number(epoch), request.holder, request.lease);
        Ok(Ok(claim))
    }

    pub(super) async fn view_building(
        &self,
        schema: &ViewSchema,
    ) -> Result<Option<Building>, StoreError> {
        const OPERATION: &str = "read build";
        let table = self.table(schema)?.built();
        let sql = &self.database.sql;
        let read = || table.named_in(statement(&sql.read_building));
        let rows = self.database.read(OPERATION, read).await?;
        let building = rows.first().map(building).transpose();
        building.map_err(|error| self.database.place(OPERATION).error(error))
    }
}

fn building(row: &PgRow) -> Result<Building, sqlx::Error> {
    let until = from_now(row.try_get(5)?);
    Ok(Building::new(row.try_get(4)?, until, checkpoint(row)?))
}
