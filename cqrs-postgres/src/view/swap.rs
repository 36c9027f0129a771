//! ⑧ Which table of a view answers, and the swap.

use std::sync::Arc;

use cqrs_core::checkpoint::{Checkpoint, Claim};
use cqrs_core::store::StoreError;
use cqrs_core::view::{Answering, SwapOutcome};
use sqlx::Row;

use super::lease::{checkpoint, names};
use super::table::Table;
use super::{PostgresView, open};
use crate::binds::{integer, statement};
use crate::database::{Fault, Transaction};
use crate::sql::Statements;

const OPERATION: &str = "swap view";

impl PostgresView {
    pub(super) async fn answering_table(&self) -> Result<Answering, StoreError> {
        const OPERATION: &str = "read answering";
        let sql = &self.database.sql;
        let read = || self.named(statement(&sql.read_answering));
        let rows = self.database.read(OPERATION, read).await?;
        let read = || {
            let Some(row) = rows.first() else {
                return Ok(Answering::Nothing);
            };
            let older: Option<String> = row.try_get(1)?;
            Ok(match (row.try_get(0)?, older) {
                (true, _) => Answering::Itself,
                (false, None) => Answering::Nothing,
                (false, Some(fingerprint)) => Answering::Older(Arc::new(PostgresView {
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
        let lost = instead_of.map(|lost| integer(lost.position.get()));
        let swapped = match self.table.is_built() {
            true => self.replace(claim, lost).await,
            false => self.serve(claim, lost).await,
        };
        swapped.map_err(|fault| self.database.place(OPERATION).fault(fault))
    }

    /// The plain name goes to this table; the other one stays with those who have its schema.
    async fn serve(&self, claim: &Claim, lost: Option<i64>) -> Result<SwapOutcome, Fault> {
        let sql = &self.database.sql;
        let mut transaction = open::begin_change(&self.database, &self.table).await?;
        let answers = self.claimed(statement(&sql.read_answers), claim);
        let answers = transaction.rows(answers).await?;
        let answers = answers.first().map(|row| row.try_get(0)).transpose()?;
        if answers == Some(true) {
            // The plain name may have gone to newer code since then.
            transaction.rollback().await?;
            return Ok(SwapOutcome::Swapped);
        }
        let answer = self
            .claimed(statement(&sql.answer_itself), claim)
            .bind(lost);
        if transaction.rows(answer).await?.is_empty() {
            let serving = statement(&sql.read_serving).bind(self.table.schema.name);
            let serving = names(&transaction.rows(serving).await?)?;
            let serving = serving.into_iter().next().unwrap_or_default();
            return self.not_swapped(transaction, claim, serving).await;
        }
        let serve = self.named(statement(&sql.serve));
        transaction.execute(serve).await?;
        // What somebody else has made under the name meanwhile stays; opening the view says so.
        let _ = open::show(&mut transaction, sql, &self.table).await?;
        transaction.commit().await?;
        Ok(SwapOutcome::Swapped)
    }

    /// This table takes name and checkpoint of the one with its schema, which is dropped.
    async fn replace(&self, claim: &Claim, lost: Option<i64>) -> Result<SwapOutcome, Fault> {
        let (sql, replaced) = (&self.database.sql, self.table.replaced());
        let mut transaction = open::begin_change(&self.database, &self.table).await?;
        let replace = replaced
            .named_in(statement(&sql.replace_checkpoint))
            .bind(self.table.fingerprint.clone())
            .bind(self.partition)
            .bind(integer(claim.epoch))
            .bind(claim.holder)
            .bind(lost);
        if transaction.rows(replace).await?.is_empty() {
            let replaced = replaced.fingerprint;
            return self.not_swapped(transaction, claim, replaced).await;
        }
        self.adopt_letters(&mut transaction, &replaced).await?;
        self.take_place(&mut transaction, &replaced).await?;
        let remove = self.named(statement(&sql.remove_checkpoint));
        transaction.execute(remove).await?;
        transaction.commit().await?;
        Ok(SwapOutcome::Swapped)
    }

    /// The plain name shows this table before the other one is dropped, which it may have shown.
    async fn take_place(
        &self,
        transaction: &mut Transaction<'_>,
        replaced: &Table,
    ) -> Result<(), Fault> {
        let sql = &self.database.sql;
        let serving = statement(&sql.read_serving).bind(self.table.schema.name);
        let serving = names(&transaction.rows(serving).await?)?;
        if serving.first() == Some(&replaced.fingerprint) {
            let _ = open::show(transaction, sql, &self.table).await?;
        }
        let mut changes = replaced.drop_table();
        changes.extend(self.table.rename());
        open::make(transaction, changes).await
    }

    /// What failed for the rows that are dropped has been tried again for those that were built.
    async fn adopt_letters(
        &self,
        transaction: &mut Transaction<'_>,
        replaced: &Table,
    ) -> Result<(), Fault> {
        let sql = &self.database.sql;
        remove_letters(transaction, sql, replaced).await?;
        for text in [&sql.adopt_held_events, &sql.adopt_letters] {
            let adopt = replaced.named_in(statement(text));
            let adopt = adopt.bind(self.table.fingerprint.clone());
            transaction.execute(adopt).await?;
        }
        Ok(())
    }

    async fn not_swapped(
        &self,
        mut transaction: Transaction<'_>,
        claim: &Claim,
        other: String,
    ) -> Result<SwapOutcome, Fault> {
        let sql = &self.database.sql;
        let lead = match self.table.is_built() {
            true => &sql.read_built_lead,
            false => &sql.read_lead,
        };
        let lead = self.claimed(statement(lead), claim).bind(other);
        let lead = transaction.rows(lead).await?;
        let further = lead.first().map(checkpoint).transpose()?;
        let lacking = match self.table.is_built() {
            true => self.unfollowed(&mut transaction).await?,
            false => Vec::new(),
        };
        transaction.rollback().await?;
        Ok(match further {
            None => SwapOutcome::Fenced,
            Some(_) if !lacking.is_empty() => SwapOutcome::Lacks { events: lacking },
            Some(further) => SwapOutcome::Behind(further),
        })
    }

    /// What the replaced table must see, and this one has not followed.
    async fn unfollowed(&self, transaction: &mut Transaction<'_>) -> Result<Vec<String>, Fault> {
        let lacking = statement(&self.database.sql.read_lacking);
        let lacking = self.table.replaced().named_in(lacking);
        let lacking = lacking.bind(0).bind(&self.table.schema.events);
        Ok(names(&transaction.rows(lacking).await?)?)
    }
}

/// Forgets what failed in a table whose rows are dropped, in the transaction that is open.
pub(super) async fn remove_letters(
    transaction: &mut Transaction<'_>,
    sql: &Statements,
    table: &Table,
) -> Result<(), Fault> {
    for text in [&sql.remove_held_events, &sql.remove_letters] {
        let remove = table.named_in(statement(text));
        transaction.execute(remove).await?;
    }
    Ok(())
}
