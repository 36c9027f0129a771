//! ⑧ A table that is built anew, to take the place of the one with its schema.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use cqrs_core::checkpoint::{Claim, ClaimRequest};
use cqrs_core::store::StoreError;
use cqrs_core::view::{BuildOutcome, Building, ViewSchema, ViewTable};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, query};

use super::events::list;
use super::lease::{bind_checkpoint, checkpoint, id, until};
use super::table::Table;
use super::{SqliteView, SqliteViewStore, open, swap};
use crate::binds::{blob, microseconds, number};
use crate::sql;

impl SqliteViewStore {
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
        let begun = begun.map_err(|error| self.database.place("begin build").error(error))?;
        Ok(match begun {
            Err(building) => BuildOutcome::HeldBy(building),
            Ok(claim) => {
                let table: Arc<dyn ViewTable> = Arc::new(SqliteView {
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
    ) -> Result<Result<Claim, Building>, sqlx::Error> {
        let mut writer = self.database.writer().await?;
        let now = Utc::now();
        let text = format!("BEGIN IMMEDIATE; {}", sql::BEGIN_BUILD);
        let begin = query(AssertSqlSafe(text))
            .bind(table.schema.name)
            .bind(table.fingerprint.clone())
            .bind(blob(request.holder))
            .bind(microseconds(now))
            .bind(until(now, request.lease));
        let begin = bind_checkpoint(begin, request.initial)
            .bind(list(request.events))
            .bind(open::partitions(&table.schema));
        let Some(epoch) = writer.rows(begin).await?.first().map(|row| row.try_get(0)) else {
            let held = query(sql::READ_BUILDING)
                .bind(table.schema.name)
                .bind(table.fingerprint.clone());
            let held = building(&writer.rows(held).await?[0])?;
            writer.rollback().await?;
            writer.settle();
            return Ok(Err(held));
        };
        swap::remove_letters(&mut writer, table).await?;
        open::create_table(&mut writer, table).await?;
        writer.execute(query("COMMIT")).await?;
        writer.settle();
        Ok(Ok(Claim::new(
            number(epoch?),
            request.holder,
            request.lease,
        )))
    }

    pub(super) async fn view_building(
        &self,
        schema: &ViewSchema,
    ) -> Result<Option<Building>, StoreError> {
        const OPERATION: &str = "read build";
        let table = self.table(schema)?.built();
        let statement = query(sql::READ_BUILDING)
            .bind(schema.name)
            .bind(table.fingerprint);
        let rows = self.database.read(OPERATION, statement).await?;
        let building = rows.first().map(building).transpose();
        building.map_err(|error| self.database.place(OPERATION).error(error))
    }
}

fn building(row: &SqliteRow) -> Result<Building, sqlx::Error> {
    let until: Option<i64> = row.try_get(5)?;
    let until = until.and_then(DateTime::from_timestamp_micros);
    Ok(Building::new(
        id(row, 4)?,
        until.unwrap_or_default(),
        checkpoint(row)?,
    ))
}
