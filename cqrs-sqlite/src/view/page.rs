//! ⑧ Writing a page: checkpoint, rows in, fold, rows out, in one transaction.

use chrono::Utc;
use cqrs_core::checkpoint::{Checkpoint, Claim};
use cqrs_core::projection::FoldError;
use cqrs_core::stream::Position;
use cqrs_core::view::{
    ColumnError, LetterChanges, PageWrite, Row, RowChanges, Test, Value, ViewRowFilter,
    WritePageError,
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

/// The most rows of one statement: enough that the calls cost nothing beside the rows.
const MAX_ROWS: usize = 1000;

/// Larger statements have a multiple of so many rows.
const ROWS_STEP: usize = 50;

/// SQLite's limit of parameters in a statement.
const MAX_PARAMETERS: usize = 32_766;

/// The parameters of `move_checkpoint.sql`.
const CHECKPOINT_PARAMETERS: usize = 10;

/// A fold's changes as SQLite takes them.
struct Changes {
    inserts: Vec<Vec<Cell>>,
    updates: Vec<Vec<Cell>>,
    updated_columns: Vec<usize>,
    deletes: Option<String>,
}

impl SqliteView {
    pub(super) async fn write(&self, page: PageWrite<'_>) -> Result<(), WritePageError> {
        let failed = |error| self.store_error(error);
        let PageWrite {
            claim, from, to, ..
        } = page;
        let Some(fold) = page.fold else {
            let moved = self.move_checkpoint(claim, from, to, page.letters).await;
            return moved.map_err(failed)?;
        };
        let (clause, keys) = self.begin_page(page.keys, page.filters).map_err(refused)?;
        let statement = query(AssertSqlSafe(clause.text.clone()));
        let statement = self.bind_checkpoint(statement, claim, from, to);
        let mut writer = self.database.writer().await.map_err(failed)?;
        let rows = writer.rows(clause.bind(statement.bind(keys))).await;
        let rows = rows.map_err(failed)?;
        let folded = match rows.split_first().filter(|(first, _)| is_moved(first)) {
            Some((_, rows)) => fold(self.table.unpacked(rows).map_err(failed)?)
                .map_err(WritePageError::Fold)
                .and_then(|changes| self.changes(changes).map_err(refused)),
            None => Err(WritePageError::Fenced),
        };
        let written = match folded {
            Ok(changes) => {
                if let Some(letters) = page.letters {
                    let changed = self.change_letters(&mut writer, letters).await;
                    changed.map_err(failed)?;
                }
                let written = self.write_changes(&mut writer, changes).await;
                written.map_err(failed)?;
                Ok(())
            }
            Err(error) => {
                writer.rollback().await.map_err(failed)?;
                Err(error)
            }
        };
        writer.settle();
        written
    }

    async fn move_checkpoint(
        &self,
        claim: &Claim,
        from: Position,
        to: &Checkpoint,
        letters: Option<&LetterChanges>,
    ) -> Result<Result<(), WritePageError>, sqlx::Error> {
        let Some(letters) = letters else {
            let statement = self.bind_checkpoint(query(sql::MOVE_CHECKPOINT), claim, from, to);
            let mut writer = self.database.writer().await?;
            let rows = writer.rows(statement).await?;
            writer.settle();
            return Ok(moved(&rows));
        };
        let text = format!("BEGIN IMMEDIATE; {}", sql::MOVE_CHECKPOINT);
        let statement = self.bind_checkpoint(query(AssertSqlSafe(text)), claim, from, to);
        let mut writer = self.database.writer().await?;
        let moved = moved(&writer.rows(statement).await?);
        match moved {
            Ok(()) => {
                self.change_letters(&mut writer, letters).await?;
                writer.execute(query("COMMIT")).await?;
            }
            Err(_) => writer.rollback().await?,
        }
        writer.settle();
        Ok(moved)
    }

    /// Moves the checkpoint and reads the rows that the page may touch, in one call.
    fn begin_page(
        &self,
        keys: Vec<Value>,
        filters: &[ViewRowFilter],
    ) -> Result<(Clause<'_>, String), ColumnError> {
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
    fn changes(&self, changes: RowChanges) -> Result<Changes, ColumnError> {
        let every_column: Vec<usize> = (0..self.table.columns.len()).collect();
        let deletes = match changes.deletes.is_empty() {
            true => None,
            false => Some(self.table.keys(changes.deletes)?),
        };
        Ok(Changes {
            inserts: self.cells(changes.inserts, &every_column)?,
            updates: self.cells(changes.updates, &self.updated(&changes.updated_columns))?,
            updated_columns: changes.updated_columns,
            deletes,
        })
    }

    /// What an update needs of a row: its key, then the cells to set.
    fn updated(&self, columns: &[usize]) -> Vec<usize> {
        let key = std::iter::once(self.table.schema.key);
        key.chain(columns.iter().copied()).collect()
    }

    /// These cells of the rows, in the order of the tree: neighbours are found and written together.
    fn cells(&self, mut rows: Vec<Row>, columns: &[usize]) -> Result<Vec<Vec<Cell>>, ColumnError> {
        let schema = &self.table.schema;
        let key = columns.iter().position(|column| *column == schema.key);
        let key = key.unwrap_or(0);
        if let Some(row) = rows.iter().find(|row| row.len() != schema.columns.len()) {
            let (found, wanted) = (row.len(), schema.columns.len());
            return Err(ColumnError::new(format!(
                "a row of {found} cells for {wanted} columns"
            )));
        }
        let cell = |row: &mut Row, column: usize| {
            let value = std::mem::replace(&mut row[column], Value::Null);
            Cell::new(&schema.columns[column], value)
        };
        let cells = |row: &mut Row| columns.iter().map(|column| cell(row, *column)).collect();
        let rows = rows
            .iter_mut()
            .map(cells)
            .collect::<Result<Vec<Vec<Cell>>, _>>();
        let mut rows = rows?;
        rows.sort_unstable_by(|left, right| left[key].compare(&right[key]));
        Ok(rows)
    }

    async fn write_changes(
        &self,
        writer: &mut Writer<'_>,
        changes: Changes,
    ) -> Result<(), sqlx::Error> {
        for (text, cells) in self.statements(changes) {
            let statement = query(AssertSqlSafe(text));
            let statement = cells.into_iter().fold(statement, Cell::bind_to);
            writer.execute(statement).await?;
        }
        Ok(())
    }

    /// The last one commits, so that the commit costs no call of its own.
    fn statements(&self, changes: Changes) -> Vec<(String, Vec<Cell>)> {
        let mut statements = Vec::new();
        let insert = |rows| self.table.insert(rows);
        batches(changes.inserts, insert, &mut statements);
        let update = |rows| self.table.update(rows, &changes.updated_columns);
        batches(changes.updates, update, &mut statements);
        if let Some(keys) = changes.deletes {
            statements.push((self.table.delete(), vec![Cell::Text(keys)]));
        }
        match statements.last_mut() {
            Some((text, _)) => text.push_str("; COMMIT"),
            None => statements.push(("COMMIT".to_owned(), Vec::new())),
        }
        statements
    }

    fn store_error(&self, error: sqlx::Error) -> WritePageError {
        WritePageError::Store(self.database.place(OPERATION).error(error))
    }
}

/// Every call wakes the driver's thread, so a page is one or two of them, of sizes so few that their
/// texts stay prepared.
fn batches(
    rows: Vec<Vec<Cell>>,
    text: impl Fn(usize) -> String,
    statements: &mut Vec<(String, Vec<Cell>)>,
) {
    let cells = rows.first().map_or(1, Vec::len);
    let most = MAX_ROWS.min(MAX_PARAMETERS / cells);
    let mut rows = rows.into_iter();
    while rows.len() > 0 {
        let size = match rows.len().min(most) {
            size if size < ROWS_STEP => size,
            size => size - size % ROWS_STEP,
        };
        let cells = rows.by_ref().take(size).flatten().collect();
        statements.push((text(size), cells));
    }
}

fn refused(source: ColumnError) -> WritePageError {
    WritePageError::Fold(FoldError::Column { source })
}

fn moved(rows: &[SqliteRow]) -> Result<(), WritePageError> {
    match rows.is_empty() {
        true => Err(WritePageError::Fenced),
        false => Ok(()),
    }
}

/// `move_checkpoint.sql` answers with an empty text; a packed row has its key at least. Keys without
/// a row come as NULL, which the driver reads as an empty text unless it is asked for an option.
fn is_moved(row: &SqliteRow) -> bool {
    let text = row.try_get::<Option<&str>, _>(0);
    text.is_ok_and(|text| text.is_some_and(str::is_empty))
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
