//! ⑧ Writing a page: checkpoint, rows in, fold, rows out, in one transaction.

use chrono::Utc;
use cqrs_core::checkpoint::{Checkpoint, Claim};
use cqrs_core::projection::FoldError;
use cqrs_core::stream::Position;
use cqrs_core::view::{
    ColumnError, Fold, LetterChanges, LoadedRows, PageWrite, Row, RowChanges, Value, ViewRowFilter,
    WritePageError,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row as _, query};

use super::SqliteView;
use super::cell::Cell;
use super::clause::Clause;
use super::lease::{bind_checkpoint, until};
use crate::binds::{Statement, blob, integer};
use crate::database::Writer;
use crate::sql;

const OPERATION: &str = "write page";

/// The most rows of one statement: enough that the calls cost nothing beside the rows. Of rows that
/// filters find, as many are in memory at a time.
const MAX_ROWS: usize = 1000;

/// Larger statements have a multiple of so many rows.
const ROWS_STEP: usize = 50;

/// SQLite's limit of parameters in a statement.
const MAX_PARAMETERS: usize = 32_766;

/// The parameters of `move_checkpoint.sql`.
const CHECKPOINT_PARAMETERS: usize = 11;

/// A fold's changes as SQLite takes them.
struct Changes {
    inserts: Vec<Vec<Cell>>,
    updates: Vec<Vec<Cell>>,
    updated_columns: Vec<usize>,
    deletes: Option<String>,
    words: Words,
}

/// What full-text search is to find, where the view has it.
#[derive(Default)]
struct Words {
    inserts: Vec<Vec<Cell>>,
    updates: Vec<Vec<Cell>>,
}

/// Whether a part of a page is the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transaction {
    GoOn,
    Commit,
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
        let keys = self.table.keys(page.keys).map_err(refused)?;
        let mut writer = self.database.writer().await.map_err(failed)?;
        let begun = self.begin_page(page.claim, page.from, page.to).bind(keys);
        let rows = writer.rows(begun).await.map_err(failed)?;
        let written = match rows.split_first().filter(|(first, _)| is_moved(first)) {
            Some((_, rows)) => {
                if let Some(letters) = page.letters {
                    let changed = self.change_letters(&mut writer, letters).await;
                    changed.map_err(failed)?;
                }
                self.write_rows(&mut writer, rows, page.filters, fold).await
            }
            None => Err(WritePageError::Fenced),
        };
        match &written {
            Ok(()) => {}
            Err(WritePageError::Store(_)) => return written,
            Err(_) => writer.rollback().await.map_err(failed)?,
        }
        writer.settle();
        written
    }

    /// Folds and writes the rows of the page's keys, then those that only its filters find.
    async fn write_rows(
        &self,
        writer: &mut Writer<'_>,
        keyed: &[SqliteRow],
        filters: &[ViewRowFilter],
        fold: &mut Fold<'_>,
    ) -> Result<(), WritePageError> {
        let rows = self.loaded(keyed)?;
        let changes = self.changes(fold(LoadedRows::Keyed(rows))?)?;
        if filters.is_empty() {
            return self
                .write_changes(writer, changes, Transaction::Commit)
                .await;
        }
        self.write_changes(writer, changes, Transaction::GoOn)
            .await?;
        let filters = ViewRowFilter::joined(filters);
        let mut after = None;
        loop {
            let part = self.matching(&filters, after.as_ref()).map_err(refused)?;
            let rows = writer.rows(part).await;
            let rows = rows.map_err(|error| self.store_error(error))?;
            let rows = self.loaded(&rows)?;
            let transaction = match rows.len() {
                MAX_ROWS => Transaction::GoOn,
                _ => Transaction::Commit,
            };
            after = rows.last().map(|row| row[self.table.schema.key].clone());
            let changes = self.changes(fold(LoadedRows::Matching(rows))?)?;
            self.write_changes(writer, changes, transaction).await?;
            if transaction == Transaction::Commit {
                return Ok(());
            }
        }
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

    /// Moves the checkpoint and reads the rows of the keys, in one call.
    fn begin_page<'q>(&self, claim: &Claim, from: Position, to: &Checkpoint) -> Statement<'q> {
        let rows = self.table.select_by_keys(CHECKPOINT_PARAMETERS + 1);
        let text = format!("BEGIN IMMEDIATE; {} {rows}", sql::MOVE_CHECKPOINT);
        self.bind_checkpoint(query(AssertSqlSafe(text)), claim, from, to)
    }

    /// The next rows that fit one of the filters.
    fn matching<'q>(
        &self,
        filters: &[ViewRowFilter],
        after: Option<&Value>,
    ) -> Result<Statement<'q>, ColumnError> {
        let text = format!("{} WHERE (FALSE", self.table.select);
        let mut clause = Clause::new(&self.table, text, 0);
        for filter in filters {
            clause.push(" OR ");
            clause.filter(filter)?;
        }
        clause.push(")");
        if let Some(key) = after {
            clause.push(" AND ");
            clause.after_key(key)?;
        }
        clause.order(&[]);
        clause.push(&format!(" LIMIT {MAX_ROWS}"));
        let text = clause.text.clone();
        Ok(clause.bind(query(AssertSqlSafe(text))))
    }

    fn bind_checkpoint<'q>(
        &self,
        statement: Statement<'q>,
        claim: &Claim,
        from: Position,
        to: &Checkpoint,
    ) -> Statement<'q> {
        let statement = self
            .partitioned(statement)
            .bind(integer(claim.epoch))
            .bind(blob(claim.holder))
            .bind(integer(from.get()));
        bind_checkpoint(statement, to).bind(until(Utc::now(), claim.lease))
    }

    /// The whole page is checked before any of it is written, so that the fault is the event's.
    fn changes(&self, changes: RowChanges) -> Result<Changes, WritePageError> {
        self.try_changes(changes).map_err(refused)
    }

    fn try_changes(&self, changes: RowChanges) -> Result<Changes, ColumnError> {
        let words = self.changed_words(&changes)?;
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
            words,
        })
    }

    fn changed_words(&self, changes: &RowChanges) -> Result<Words, ColumnError> {
        let full_text = &self.table.schema.full_text;
        if full_text.is_empty() {
            return Ok(Words::default());
        }
        let has_text = |column: &usize| full_text.contains(column);
        let updates = match changes.updated_columns.iter().any(has_text) {
            true => self.table.words(&changes.updates)?,
            false => Vec::new(),
        };
        let inserts = self.table.words(&changes.inserts)?;
        Ok(Words { inserts, updates })
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
        transaction: Transaction,
    ) -> Result<(), WritePageError> {
        let mut statements = self.statements(changes);
        if transaction == Transaction::Commit {
            commit(&mut statements);
        }
        for (text, cells) in statements {
            let statement = query(AssertSqlSafe(text));
            let statement = cells.into_iter().fold(statement, Cell::bind_to);
            let written = writer.execute(statement).await;
            written.map_err(|error| self.store_error(error))?;
        }
        Ok(())
    }

    fn statements(&self, changes: Changes) -> Vec<(String, Vec<Cell>)> {
        let mut statements = Vec::new();
        let insert = |rows| self.table.insert(rows);
        batches(changes.inserts, insert, &mut statements);
        let update = |rows| self.table.update(rows, &changes.updated_columns);
        batches(changes.updates, update, &mut statements);
        let words = changes.words;
        batches(
            words.inserts,
            |rows| self.table.insert_words(rows),
            &mut statements,
        );
        batches(
            words.updates,
            |rows| self.table.replace_words(rows),
            &mut statements,
        );
        if let Some(keys) = changes.deletes {
            if self.table.is_searched() {
                let keys = Cell::Text(keys.clone());
                statements.push((self.table.delete_words(), vec![keys]));
            }
            statements.push((self.table.delete(), vec![Cell::Text(keys)]));
        }
        statements
    }

    fn loaded(&self, rows: &[SqliteRow]) -> Result<Vec<Row>, WritePageError> {
        let rows = self.table.unpacked(rows);
        rows.map_err(|error| self.store_error(error))
    }

    fn store_error(&self, error: sqlx::Error) -> WritePageError {
        WritePageError::Store(self.database.place(OPERATION).error(error))
    }
}

/// With the last statement, so that the commit costs no call of its own.
fn commit(statements: &mut Vec<(String, Vec<Cell>)>) {
    match statements.last_mut() {
        Some((text, _)) => text.push_str("; COMMIT"),
        None => statements.push(("COMMIT".to_owned(), Vec::new())),
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
