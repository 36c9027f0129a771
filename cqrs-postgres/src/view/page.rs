//! ⑧ Writing a page: checkpoint, rows in, fold, rows out, in one transaction.

use std::sync::Arc;

use cqrs_core::checkpoint::{Checkpoint, Claim};
use cqrs_core::projection::FoldError;
use cqrs_core::stream::Position;
use cqrs_core::view::{
    ColumnError, Fold, LoadedRows, PageWrite, Row, RowChanges, Value, ViewRowFilter, WritePageError,
};
use sqlx::postgres::PgRow;

use super::PostgresView;
use super::cell;
use super::clause::Clause;
use super::lease::bind_checkpoint;
use crate::binds::{integer, microseconds, statement};
use crate::database::{Fault, Statement, Transaction};
use crate::sql::SET_FOR_PAGE;

const OPERATION: &str = "write page";

/// Of rows that filters find, as many are in memory at a time.
const MAX_ROWS: usize = 1000;

/// The cells of some rows, column by column.
struct Cells {
    columns: Vec<usize>,
    lists: Vec<Vec<Value>>,
}

/// A fold's changes as Postgres takes them.
struct Changes {
    inserts: Option<Cells>,
    updates: Option<Cells>,
    deletes: Vec<Value>,
    words: Words,
}

/// What full-text search is to find, by row, where the view has it and it may have changed.
#[derive(Default)]
pub(super) struct Words {
    pub(super) keys: Vec<Value>,
    pub(super) texts: Vec<String>,
    pub(super) lengths: Vec<i32>,
}

/// Why a page is not written: of the errors that leave the transaction whole, or of the database's.
enum Stop {
    Page(WritePageError),
    Fault(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop::Fault(fault)
    }
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        Stop::Fault(error.into())
    }
}

impl From<FoldError> for Stop {
    fn from(error: FoldError) -> Self {
        Stop::Page(error.into())
    }
}

impl From<ColumnError> for Stop {
    fn from(source: ColumnError) -> Self {
        FoldError::Column { source }.into()
    }
}

impl PostgresView {
    pub(super) async fn write(&self, page: PageWrite<'_>) -> Result<(), WritePageError> {
        let written = match page.fold.is_none() && page.letters.is_none() {
            true => self.move_alone(page.claim, page.from, page.to).await,
            false => self.write_rows_and_letters(page).await,
        };
        written.map_err(|stop| match stop {
            Stop::Page(error) => error,
            Stop::Fault(fault) => self.database.place(OPERATION).fault(fault).into(),
        })
    }

    /// A statement is a transaction of its own.
    async fn move_alone(&self, claim: &Claim, from: Position, to: &Checkpoint) -> Result<(), Stop> {
        let rows = self.database.rows(self.moving(claim, from, to)).await?;
        moved(&rows)
    }

    async fn write_rows_and_letters(&self, page: PageWrite<'_>) -> Result<(), Stop> {
        let mut transaction = self.database.begin(SET_FOR_PAGE).await?;
        let written = self.write_in(&mut transaction, page).await;
        match written {
            Ok(()) => Ok(transaction.commit().await?),
            Err(Stop::Page(error)) => {
                transaction.rollback().await?;
                Err(Stop::Page(error))
            }
            fault => fault,
        }
    }

    async fn write_in(
        &self,
        transaction: &mut Transaction<'_>,
        page: PageWrite<'_>,
    ) -> Result<(), Stop> {
        let moving = self.moving(page.claim, page.from, page.to);
        moved(&transaction.rows(moving).await?)?;
        if let Some(letters) = page.letters {
            self.change_letters(transaction, letters).await?;
        }
        let Some(fold) = page.fold else {
            return Ok(());
        };
        let keys = self.table.keys(page.keys)?;
        let rows = match keys.is_empty() {
            true => Vec::new(),
            false => transaction.rows(self.keyed(keys)).await?,
        };
        let changes = fold(LoadedRows::Keyed(self.table.rows(&rows)?))?;
        self.write_changes(transaction, changes).await?;
        match page.filters.is_empty() {
            true => Ok(()),
            false => self.write_matching(transaction, page.filters, fold).await,
        }
    }

    /// Folds and writes the rows that only filters find, part by part.
    async fn write_matching(
        &self,
        transaction: &mut Transaction<'_>,
        filters: &[ViewRowFilter],
        fold: &mut Fold<'_>,
    ) -> Result<(), Stop> {
        let filters = ViewRowFilter::joined(filters);
        let mut after = None;
        loop {
            let part = self.matching(&filters, after.as_ref())?;
            let rows = transaction.rows(part.statement()).await?;
            let rows = self.table.rows(&rows)?;
            let is_last = rows.len() < MAX_ROWS;
            after = rows.last().map(|row| row[self.table.schema.key].clone());
            let changes = fold(LoadedRows::Matching(rows))?;
            self.write_changes(transaction, changes).await?;
            if is_last {
                return Ok(());
            }
        }
    }

    fn moving<'q>(&self, claim: &Claim, from: Position, to: &Checkpoint) -> Statement<'q> {
        let statement = self.claimed(statement(&self.database.sql.move_checkpoint), claim);
        let statement = statement.bind(integer(from.get()));
        bind_checkpoint(statement, to).bind(microseconds(claim.lease))
    }

    fn keyed<'q>(&self, keys: Vec<Value>) -> Statement<'q> {
        let text = Arc::from(self.table.select_by_keys());
        let kind = self.table.schema.key_column().kind;
        cell::bind_list(statement(&text), kind, keys)
    }

    /// The next rows that fit one of the filters.
    fn matching(
        &self,
        filters: &[ViewRowFilter],
        after: Option<&Value>,
    ) -> Result<Clause<'_>, ColumnError> {
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
        Ok(clause)
    }

    /// All changes are checked before any of them is written, so that the fault is the event's.
    fn changes(&self, changes: RowChanges) -> Result<Changes, ColumnError> {
        let words = self.table.changed_words(&changes)?;
        let every = (0..self.table.columns.len()).collect();
        let key = std::iter::once(self.table.schema.key);
        let updated = key.chain(changes.updated_columns.iter().copied());
        Ok(Changes {
            inserts: self.cells(changes.inserts, every)?,
            updates: self.cells(changes.updates, updated.collect())?,
            deletes: self.table.keys(changes.deletes)?,
            words,
        })
    }

    /// These cells of the rows, which come in the order of their keys.
    fn cells(&self, mut rows: Vec<Row>, columns: Vec<usize>) -> Result<Option<Cells>, ColumnError> {
        let schema = &self.table.schema;
        if let Some(row) = rows.iter().find(|row| row.len() != schema.columns.len()) {
            let (found, wanted) = (row.len(), schema.columns.len());
            return Err(ColumnError::new(format!(
                "a row of {found} cells for {wanted} columns"
            )));
        }
        if rows.is_empty() {
            return Ok(None);
        }
        rows.sort_unstable_by(|left, right| cell::compare(&left[schema.key], &right[schema.key]));
        let list = |column: &usize| {
            let cells = rows.iter_mut().map(|row| {
                let value = std::mem::replace(&mut row[*column], Value::Null);
                cell::admitted(&schema.columns[*column], value)
            });
            cells.collect::<Result<Vec<Value>, _>>()
        };
        let lists = columns.iter().map(list).collect::<Result<_, _>>()?;
        Ok(Some(Cells { columns, lists }))
    }

    async fn write_changes(
        &self,
        transaction: &mut Transaction<'_>,
        changes: RowChanges,
    ) -> Result<(), Stop> {
        let changes = self.changes(changes)?;
        if let Some(rows) = changes.inserts {
            let insert = self.table.insert();
            transaction.execute(self.lists(insert, rows)).await?;
        }
        // The first column is the key; nothing is to be set where it is alone.
        if let Some(rows) = changes.updates.filter(|rows| rows.columns.len() > 1) {
            let update = self.table.update(&rows.columns[1..]);
            transaction.execute(self.lists(update, rows)).await?;
        }
        if !changes.words.keys.is_empty() {
            let write = self.table.write_words(changes.words);
            transaction.execute(write).await?;
        }
        for delete in self.deletes(changes.deletes) {
            transaction.execute(delete).await?;
        }
        Ok(())
    }

    fn deletes(&self, keys: Vec<Value>) -> Vec<Statement<'static>> {
        if keys.is_empty() {
            return Vec::new();
        }
        let kind = self.table.schema.key_column().kind;
        let words = self.table.is_searched();
        let words = words.then(|| self.table.delete_words());
        let texts = words.into_iter().chain([self.table.delete()]);
        let delete = |text: String| {
            let text = Arc::from(text);
            cell::bind_list(statement(&text), kind, keys.clone())
        };
        texts.map(delete).collect()
    }

    fn lists<'q>(&self, text: String, rows: Cells) -> Statement<'q> {
        let columns = rows.columns.iter().zip(rows.lists);
        columns.fold(statement(&Arc::from(text)), |statement, (column, list)| {
            let kind = self.table.schema.columns[*column].kind;
            cell::bind_list(statement, kind, list)
        })
    }
}

fn moved(rows: &[PgRow]) -> Result<(), Stop> {
    match rows.is_empty() {
        true => Err(Stop::Page(WritePageError::Fenced)),
        false => Ok(()),
    }
}
