//! ⑧ Writing a page: checkpoint, rows in, fold, rows out, in one transaction.

use std::sync::{Arc, PoisonError};

use chrono::Utc;
use cqrs_core::checkpoint::{Checkpoint, Claim};
use cqrs_core::projection::FoldError;
use cqrs_core::stream::Position;
use cqrs_core::view::{
    ColumnError, PageWrite, Row, RowChanges, Test, Value, ViewRowFilter, WritePageError,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row as _, query};

use super::SqliteView;
use super::cell::Cell;
use super::clause::Clause;
use super::lease::until;
use crate::binds::{Statement, blob, integer};
use crate::database::Writer;
use crate::sql;

const OPERATION: &str = "write page";

/// Rows of one upsert: enough that the calls cost nothing beside the rows.
const MAX_ROWS: usize = 256;

/// SQLite's limit of parameters in a statement.
const MAX_PARAMETERS: usize = 32_766;

/// The parameters of `move_checkpoint.sql`.
const CHECKPOINT_PARAMETERS: usize = 10;

/// One call to the driver: what it writes, and whether it ends the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct PageStep {
    write: Write,
    commit: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Write {
    Upsert(usize),
    Delete,
    Nothing,
}

/// A fold's changes as SQLite takes them.
struct Changes {
    upserts: Vec<Vec<Cell>>,
    deletes: Option<String>,
}

impl SqliteView {
    pub(super) async fn write(&self, page: PageWrite<'_>) -> Result<(), WritePageError> {
        let empty = page.is_empty();
        let text = self
            .begin_page(page.keys, page.filters, empty)
            .map_err(refused)?;
        let (clause, keys) = text;
        let statement = query(AssertSqlSafe(clause.text.clone()));
        let statement = self.bind_checkpoint(statement, page.claim, page.from, page.to);
        let statement = match empty {
            true => statement,
            false => clause.bind(statement.bind(keys)),
        };
        let mut writer = self
            .database
            .writer()
            .await
            .map_err(|e| self.store_error(e))?;
        let rows = writer
            .rows(statement)
            .await
            .map_err(|e| self.store_error(e))?;
        let Some((_, rows)) = rows.split_first().filter(|(first, _)| is_moved(first)) else {
            if !empty {
                writer.rollback().await.map_err(|e| self.store_error(e))?;
            }
            writer.settle();
            return Err(WritePageError::Fenced);
        };
        if empty {
            writer.settle();
            return Ok(());
        }
        let rows = self.table.unpacked(rows).map_err(|e| self.store_error(e))?;
        let changes = (page.fold)(rows).and_then(|changes| self.changes(changes));
        match changes {
            Ok(changes) => {
                let written = self.write_changes(&mut writer, changes).await;
                written.map_err(|e| self.store_error(e))?;
                writer.settle();
                Ok(())
            }
            Err(error) => {
                writer.rollback().await.map_err(|e| self.store_error(e))?;
                writer.settle();
                Err(error.into())
            }
        }
    }

    /// Moves the checkpoint and reads the rows that the page may touch, in one call.
    fn begin_page(
        &self,
        keys: Vec<Value>,
        filters: &[ViewRowFilter],
        empty: bool,
    ) -> Result<(Clause<'_>, String), ColumnError> {
        if empty {
            let text = sql::MOVE_CHECKPOINT.to_owned();
            return Ok((Clause::new(&self.table, text, 0), String::new()));
        }
        let keys = self.table.keys(keys)?;
        let bound = CHECKPOINT_PARAMETERS + 1;
        let rows = match filters.is_empty() {
            true => self.table.select_by_keys(bound),
            false => {
                let has_key = self.table.has_key(&format!("?{bound}"));
                format!("{} WHERE {has_key}", self.table.select)
            }
        };
        let text = format!("BEGIN IMMEDIATE; {} {rows}", sql::MOVE_CHECKPOINT);
        let mut clause = Clause::new(&self.table, text, bound);
        for filter in joined(filters) {
            clause.push(" OR ");
            clause.filter(&filter)?;
        }
        Ok((clause, keys))
    }

    fn bind_checkpoint<'q>(
        &self,
        statement: Statement<'q>,
        claim: &Claim,
        from: Position,
        to: &Checkpoint,
    ) -> Statement<'q> {
        statement
            .bind(self.table.schema.name)
            .bind(self.table.fingerprint.clone())
            .bind(integer(claim.epoch))
            .bind(blob(claim.holder))
            .bind(integer(from.get()))
            .bind(to.log_id.map(blob))
            .bind(integer(to.position.get()))
            .bind(to.event.map(|event| integer(event.position.get())))
            .bind(to.event.map(|event| blob(event.id)))
            .bind(until(Utc::now(), claim.lease))
    }

    /// The whole page is checked before any of it is written, so that the fault is the event's.
    fn changes(&self, changes: RowChanges) -> Result<Changes, FoldError> {
        let failing = |source| FoldError::Column { source };
        let upserts = changes.upserts.into_iter().map(|row| self.cells(row));
        let upserts: Result<Vec<Vec<Cell>>, _> = upserts.collect();
        let mut upserts = upserts.map_err(failing)?;
        // In the order of the tree, so that neighbours are found and written together.
        let key = self.table.schema.key;
        upserts.sort_unstable_by(|left, right| left[key].compare(&right[key]));
        let deletes = match changes.deletes.is_empty() {
            true => None,
            false => Some(self.table.keys(changes.deletes).map_err(failing)?),
        };
        Ok(Changes { upserts, deletes })
    }

    fn cells(&self, row: Row) -> Result<Vec<Cell>, ColumnError> {
        let columns = &self.table.schema.columns;
        if row.len() != columns.len() {
            let (found, wanted) = (row.len(), columns.len());
            return Err(ColumnError::new(format!(
                "a row of {found} cells for {wanted} columns"
            )));
        }
        let cells = columns.iter().zip(row);
        cells
            .map(|(column, value)| Cell::new(column, value))
            .collect()
    }

    async fn write_changes(
        &self,
        writer: &mut Writer<'_>,
        changes: Changes,
    ) -> Result<(), sqlx::Error> {
        let steps = self.steps(changes.upserts.len(), changes.deletes.is_some());
        let mut upserts = changes.upserts.into_iter();
        for step in steps {
            let mut statement = query(AssertSqlSafe(self.text(step)));
            match step.write {
                Write::Upsert(rows) => {
                    for cell in upserts.by_ref().take(rows).flatten() {
                        statement = cell.bind(statement);
                    }
                }
                Write::Delete => statement = statement.bind(changes.deletes.clone()),
                Write::Nothing => {}
            }
            writer.execute(statement).await?;
        }
        Ok(())
    }

    /// Upserts of 256 rows and then of powers of two, so that few texts serve pages of all sizes.
    fn steps(&self, upserts: usize, deletes: bool) -> Vec<PageStep> {
        let most = MAX_ROWS.min(MAX_PARAMETERS / self.table.columns.len());
        let mut writes = Vec::new();
        let mut left = upserts;
        while left > 0 {
            let rows = match left >= most {
                true => most,
                false => 1 << left.ilog2(),
            };
            writes.push(Write::Upsert(rows));
            left -= rows;
        }
        if deletes {
            writes.push(Write::Delete);
        }
        if writes.is_empty() {
            writes.push(Write::Nothing);
        }
        let last = writes.len() - 1;
        let step = |(index, write)| PageStep {
            write,
            commit: index == last,
        };
        writes.into_iter().enumerate().map(step).collect()
    }

    fn text(&self, step: PageStep) -> Arc<str> {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let text = texts.entry(step).or_insert_with(|| {
            let write = match step.write {
                Write::Upsert(rows) => self.table.upsert(rows),
                Write::Delete => self.table.delete(),
                Write::Nothing => String::new(),
            };
            let end = if step.commit { "; COMMIT" } else { "" };
            format!("{write}{end}").into()
        });
        Arc::clone(text)
    }

    fn store_error(&self, error: sqlx::Error) -> WritePageError {
        WritePageError::Store(self.database.place(OPERATION).error(error))
    }
}

fn refused(source: ColumnError) -> WritePageError {
    WritePageError::Fold(FoldError::Column { source })
}

/// `move_checkpoint.sql` answers with an empty text; a packed row has its key at least.
fn is_moved(row: &SqliteRow) -> bool {
    row.try_get::<&str, _>(0).is_ok_and(str::is_empty)
}

/// Equalities on one column become one test: SQLite bounds the depth of a condition, and a page may
/// hold any number of `update_where`.
fn joined(filters: &[ViewRowFilter]) -> Vec<ViewRowFilter> {
    let mut joined: Vec<ViewRowFilter> = Vec::new();
    for filter in filters {
        let Test::Equals(value) = &filter.test else {
            joined.push(filter.clone());
            continue;
        };
        let same = joined.iter_mut().find_map(|other| match &mut other.test {
            Test::OneOf(values) if other.column == filter.column => Some(values),
            _ => None,
        });
        match same {
            Some(values) => values.push(value.clone()),
            None => joined.push(ViewRowFilter {
                column: filter.column,
                test: Test::OneOf(vec![value.clone()]),
            }),
        }
    }
    joined
}
