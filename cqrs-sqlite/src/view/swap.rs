//! ⑧ Which table of a view answers, and the swap.

use std::sync::Arc;

use chrono::Utc;
use cqrs_core::checkpoint::{Checkpoint, Claim};
use cqrs_core::store::StoreError;
use cqrs_core::view::{Answering, SwapOutcome};
use sqlx::{AssertSqlSafe, Row, query};

use super::lease::checkpoint;
use super::table::Table;
use super::{SqliteView, open};
use crate::binds::{Statement, blob, integer, microseconds};
use crate::database::Writer;
use crate::sql;

/// SQLite would refuse to rename a table while somebody's own SQL view shows the dropped one.
const RENAME_ALONE: &str = "PRAGMA legacy_alter_table = ON";
const RENAME_WITH_REFERENCES: &str = "PRAGMA legacy_alter_table = OFF";

impl SqliteView {
    pub(super) async fn answering_table(&self) -> Result<Answering, StoreError> {
        const OPERATION: &str = "read answering";
        let statement = self.named(query(sql::READ_ANSWERING));
        let rows = self.database.read(OPERATION, statement).await?;
        let read = || {
            let Some(row) = rows.first() else {
                return Ok(Answering::Nothing);
            };
            let older: Option<String> = row.try_get(1)?;
            Ok(match (row.try_get(0)?, older) {
                (true, _) => Answering::Itself,
                (false, None) => Answering::Nothing,
                (false, Some(fingerprint)) => Answering::Older(Arc::new(SqliteView {
                    database: Arc::clone(&self.database),
                    table: self.table.older(&fingerprint),
                    partition: 0,
                })),
            })
        };
        read().map_err(|error| self.database.place(OPERATION).error(error))
    }

    pub(super) async fn swap_in(
        &self,
        claim: &Claim,
        instead_of: Option<&Checkpoint>,
    ) -> Result<SwapOutcome, StoreError> {
        let swapped = match self.table.is_built() {
            true => self.replace(claim, instead_of).await,
            false => self.serve(claim, instead_of).await,
        };
        swapped.map_err(|error| self.database.place("swap view").error(error))
    }

    /// The plain name goes to this table; the other one stays with those who have its schema.
    async fn serve(
        &self,
        claim: &Claim,
        instead_of: Option<&Checkpoint>,
    ) -> Result<SwapOutcome, sqlx::Error> {
        let mut writer = self.database.writer().await?;
        let text = format!("BEGIN IMMEDIATE; {}", sql::READ_ANSWERS);
        let answers = self.claimed(query(AssertSqlSafe(text)), claim);
        let answers = writer.rows(answers).await?;
        let answers = answers.first().map(|row| row.try_get(0)).transpose()?;
        if answers == Some(true) {
            // The plain name may have gone to newer code since then.
            writer.rollback().await?;
            writer.settle();
            return Ok(SwapOutcome::Swapped);
        }
        let answer = self
            .claimed(query(sql::ANSWER_ITSELF), claim)
            .bind(instead_of.map(|lost| integer(lost.position.get())));
        if writer.rows(answer).await?.is_empty() {
            let serving = query(sql::READ_SERVING).bind(self.table.schema.name);
            let serving = writer.rows(serving).await?;
            let serving = serving.first().map(|row| row.try_get(0)).transpose()?;
            return self
                .not_swapped(writer, claim, serving.unwrap_or_default())
                .await;
        }
        writer.execute(self.named(query(sql::SERVE))).await?;
        open::show(&mut writer, &self.table).await?;
        writer.execute(query("COMMIT")).await?;
        writer.settle();
        Ok(SwapOutcome::Swapped)
    }

    /// This table takes name and checkpoint of the one with its schema, which is dropped.
    async fn replace(
        &self,
        claim: &Claim,
        instead_of: Option<&Checkpoint>,
    ) -> Result<SwapOutcome, sqlx::Error> {
        let (view, replaced) = (self.table.schema.name, self.table.replaced());
        let mut writer = self.database.writer().await?;
        writer.execute(query(RENAME_ALONE)).await?;
        let text = format!("BEGIN IMMEDIATE; {}", sql::REPLACE_CHECKPOINT);
        let replace = query(AssertSqlSafe(text))
            .bind(view)
            .bind(replaced.fingerprint.clone())
            .bind(self.table.fingerprint.clone())
            .bind(self.partition)
            .bind(integer(claim.epoch))
            .bind(blob(claim.holder))
            .bind(instead_of.map(|lost| integer(lost.position.get())))
            .bind(microseconds(Utc::now()));
        if writer.rows(replace).await?.is_empty() {
            return self.not_swapped(writer, claim, replaced.fingerprint).await;
        }
        self.adopt_letters(&mut writer, &replaced).await?;
        let mut changes = replaced.drop_table().to_vec();
        changes.extend(self.table.rename());
        open::make(&mut writer, changes).await?;
        let text = format!("{} COMMIT", sql::REMOVE_CHECKPOINT);
        let remove = self.named(query(AssertSqlSafe(text)));
        writer.execute(remove).await?;
        writer.execute(query(RENAME_WITH_REFERENCES)).await?;
        writer.settle();
        Ok(SwapOutcome::Swapped)
    }

    /// What failed for the rows that are dropped has been tried again for those that were built.
    async fn adopt_letters(
        &self,
        writer: &mut Writer<'_>,
        replaced: &Table,
    ) -> Result<(), sqlx::Error> {
        remove_letters(writer, replaced).await?;
        for statement in [sql::ADOPT_HELD_EVENTS, sql::ADOPT_LETTERS] {
            let adopt = query(statement)
                .bind(self.table.schema.name)
                .bind(replaced.fingerprint.clone())
                .bind(self.table.fingerprint.clone());
            writer.execute(adopt).await?;
        }
        Ok(())
    }

    /// Under which lease: the first five parameters.
    fn claimed<'q>(&self, statement: Statement<'q>, claim: &Claim) -> Statement<'q> {
        let statement = self.partitioned(statement);
        statement
            .bind(integer(claim.epoch))
            .bind(blob(claim.holder))
    }

    async fn not_swapped(
        &self,
        mut writer: Writer<'_>,
        claim: &Claim,
        other: String,
    ) -> Result<SwapOutcome, sqlx::Error> {
        let lead = match self.table.is_built() {
            true => sql::READ_BUILT_LEAD,
            false => sql::READ_LEAD,
        };
        let lead = self.claimed(query(lead), claim).bind(other);
        let lead = writer.rows(lead).await?;
        let further = lead.first().map(checkpoint).transpose()?;
        let lacking = match self.table.is_built() {
            true => self.unfollowed(&mut writer).await?,
            false => Vec::new(),
        };
        writer.rollback().await?;
        writer.execute(query(RENAME_WITH_REFERENCES)).await?;
        writer.settle();
        Ok(match further {
            None => SwapOutcome::Fenced,
            Some(_) if !lacking.is_empty() => SwapOutcome::Lacks { events: lacking },
            Some(further) => SwapOutcome::Behind(further),
        })
    }

    /// What the replaced table must see, and this one has not followed.
    async fn unfollowed(&self, writer: &mut Writer<'_>) -> Result<Vec<String>, sqlx::Error> {
        let replaced = SqliteView {
            database: Arc::clone(&self.database),
            table: self.table.replaced(),
            partition: 0,
        };
        replaced.lacking(writer, &self.table.schema.events).await
    }
}

/// Forgets what failed in a table whose rows are dropped, in the transaction that is open.
pub(super) async fn remove_letters(
    writer: &mut Writer<'_>,
    table: &Table,
) -> Result<(), sqlx::Error> {
    for statement in [sql::REMOVE_HELD_EVENTS, sql::REMOVE_LETTERS] {
        let remove = query(statement)
            .bind(table.schema.name)
            .bind(table.fingerprint.clone());
        writer.execute(remove).await?;
    }
    Ok(())
}
