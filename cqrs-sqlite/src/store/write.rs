//! ⑤ Writing a plan: many rows a statement, few statements a call.

use std::sync::{Arc, PoisonError};

use sqlx::{AssertSqlSafe, query};

use super::SqliteEventStore;
use super::plan::{Plan, PlannedEvent};
use crate::binds::{Statement, blob, integer, microseconds, number};
use crate::database::Writer;
use crate::error::is_constraint;
use crate::sql;

/// Rows of one statement. Each number of rows has a text of its own, which SQLite prepares once.
const MAX_ROWS: usize = 64;

/// What one call to the driver holds: so many rows, and whether it begins or ends the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    begin: bool,
    rows: usize,
    commit: bool,
}

/// Whether the plan is written in a transaction that was begun for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transaction {
    Begun,
    /// A plan that fits one statement is a transaction by itself.
    Own,
}

impl SqliteEventStore {
    /// Writes the plan and commits; answers with the position of its last event.
    ///
    /// In a transaction of its own, nothing is left open when a constraint refuses a row.
    pub(super) async fn write(
        &self,
        writer: &mut Writer<'_>,
        plan: &Plan<'_>,
        transaction: Transaction,
    ) -> Result<u64, sqlx::Error> {
        let steps = plan.events.len().div_ceil(MAX_ROWS);
        let begin = transaction == Transaction::Own && steps > 1;
        let commit = begin || transaction == Transaction::Begun;
        let mut position = 0;
        for (step, events) in plan.events.chunks(MAX_ROWS).enumerate() {
            let shape = Shape {
                begin: begin && step == 0,
                rows: events.len(),
                commit: commit && step + 1 == steps,
            };
            let statement = query(AssertSqlSafe(self.text(shape)));
            let statement = events.iter().fold(statement, bind);
            match writer.execute(statement).await {
                Ok(done) => position = done.last_insert_rowid(),
                Err(error) if begin && is_constraint(&error) => {
                    writer.rollback().await?;
                    return Err(error);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(number(position))
    }

    fn text(&self, shape: Shape) -> Arc<str> {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(texts.entry(shape).or_insert_with(|| shape.text().into()))
    }
}

impl Shape {
    fn text(self) -> String {
        let begin = if self.begin { "BEGIN IMMEDIATE; " } else { "" };
        let insert = match self.rows {
            1 => sql::plain(sql::INSERT_EVENT),
            rows => sql::with_rows(sql::INSERT_EVENTS, rows),
        };
        let commit = if self.commit { "; COMMIT" } else { "" };
        format!("{begin}{insert}{commit}")
    }
}

fn bind<'q>(statement: Statement<'q>, planned: &PlannedEvent<'_>) -> Statement<'q> {
    let (append, event) = (planned.append, planned.event);
    let metadata = (!append.metadata.is_empty()).then(|| append.metadata.to_string());
    let command_name = planned.command_events.map(|_| append.command.name.as_ref());
    statement
        .bind(blob(event.id))
        .bind(planned.stream.category().to_owned())
        .bind(planned.stream.id().to_owned())
        .bind(integer(planned.version))
        .bind(event.name.to_string())
        .bind(i64::from(event.schema_version))
        .bind(event.payload.clone())
        .bind(blob(append.correlation_id))
        .bind(append.causation_id.map(blob))
        .bind(blob(append.command.id))
        .bind(microseconds(planned.recorded_at))
        .bind(integer(planned.previous))
        .bind(event.occurred_at.map(microseconds))
        .bind(metadata)
        .bind(command_name.map(str::to_owned))
        .bind(planned.command_events.map(integer))
}
