//! ⑧ Reading a view.

use cqrs_core::store::StoreError;
use cqrs_core::view::{
    ColumnError, ColumnKind, ColumnSchema, Row, Value, ViewQuery, ViewRowFilter,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row as _, query};

use super::SqliteView;
use super::cell::{self, Cell};
use super::clause::Clause;
use super::table::Table;
use crate::binds::number;
use crate::pack::{Malformed, Packed};

const OPERATION: &str = "query view";

/// Rows packed into one text: every text wakes the caller, and rows of 1.9 MB each still stay below
/// SQLite's limit of 1 GB.
const KEYS_PACKED: usize = 512;

impl SqliteView {
    pub(super) async fn rows_by_key(&self, keys: &[Value]) -> Result<Vec<Row>, StoreError> {
        let keys = self
            .table
            .keys(keys.to_vec())
            .map_err(|error| self.refused(error))?;
        let text = self.table.select_by_keys(1);
        let statement = query(AssertSqlSafe(text)).bind(keys);
        let rows = self.database.read(OPERATION, statement).await?;
        self.unpacked(&rows)
    }

    pub(super) async fn rows_of(&self, asked: &ViewQuery) -> Result<Vec<Row>, StoreError> {
        let clause = self.clause(asked).map_err(|error| self.refused(error))?;
        let statement = query(AssertSqlSafe(clause.text.clone()));
        let limit = i64::try_from(asked.limit).unwrap_or(i64::MAX);
        let statement = clause.bind(statement.bind(limit));
        let rows = self.database.read(OPERATION, statement).await?;
        self.unpacked(&rows)
    }

    fn clause(&self, asked: &ViewQuery) -> Result<Clause<'_>, ColumnError> {
        let mut clause = Clause::new(&self.table, self.table.select.clone(), 1);
        clause.push(" WHERE ");
        clause.filters(&asked.filters)?;
        if let Some(place) = &asked.after {
            clause.after(&asked.order, place)?;
        }
        clause.order(&asked.order);
        // The plus keeps SQLite from planning anew for every limit that is bound.
        clause.push(" LIMIT +?1");
        Ok(clause)
    }

    pub(super) async fn count_rows(&self, filters: &[ViewRowFilter]) -> Result<u64, StoreError> {
        let mut clause = Clause::new(&self.table, self.table.count(), 0);
        clause.push(" WHERE ");
        clause
            .filters(filters)
            .map_err(|error| self.refused(error))?;
        let statement = query(AssertSqlSafe(clause.text.clone()));
        let rows = self
            .database
            .read(OPERATION, clause.bind(statement))
            .await?;
        let count = rows.first().map(|row| row.try_get(0)).transpose();
        let count = count.map_err(|error| self.database.place(OPERATION).error(error))?;
        Ok(number(count.unwrap_or(0)))
    }

    fn refused(&self, error: ColumnError) -> StoreError {
        self.database.place(OPERATION).failed(error)
    }

    fn unpacked(&self, rows: &[SqliteRow]) -> Result<Vec<Row>, StoreError> {
        let place = self.database.place(OPERATION);
        self.table
            .unpacked(rows)
            .map_err(|error| place.error(error))
    }
}

impl Table {
    /// Keys as one parameter, each once: lists of [`KEYS_PACKED`] in a list.
    pub(super) fn keys(&self, keys: Vec<Value>) -> Result<String, ColumnError> {
        let column = self.schema.key_column();
        let cells = keys.into_iter().map(|key| Cell::new(column, key));
        let mut cells: Vec<Cell> = cells.collect::<Result<_, _>>()?;
        cells.sort_unstable_by(Cell::compare);
        cells.dedup_by(|left, right| left.compare(right).is_eq());
        let mut cells = cells.into_iter().map(Cell::into_json).peekable();
        let mut chunks = Vec::new();
        while cells.peek().is_some() {
            chunks.push(cells.by_ref().take(KEYS_PACKED).collect());
        }
        Ok(serde_json::Value::Array(chunks).to_string())
    }

    /// The rows that were packed, one or many in a text.
    pub(super) fn unpacked(&self, rows: &[SqliteRow]) -> Result<Vec<Row>, sqlx::Error> {
        let mut unpacked = Vec::with_capacity(rows.len());
        for row in rows {
            let text: Option<&str> = row.try_get(0)?;
            let mut packed = Packed::new(text.unwrap_or_default());
            while !packed.is_empty() {
                let values = self.unpack(row, &mut packed)?;
                let values = values.map_err(|Malformed| {
                    sqlx::Error::Decode("a row of the view cannot be read".into())
                })?;
                unpacked.push(values);
            }
        }
        Ok(unpacked)
    }

    fn unpack(
        &self,
        row: &SqliteRow,
        packed: &mut Packed<'_>,
    ) -> Result<Result<Row, Malformed>, sqlx::Error> {
        let mut floats = Vec::new();
        for index in 1..row.len() {
            floats.push(row.try_get::<Option<f64>, _>(index)?);
        }
        Ok(self.row(packed, floats))
    }

    fn row(&self, packed: &mut Packed<'_>, floats: Vec<Option<f64>>) -> Result<Row, Malformed> {
        let lengths = self.lengths(packed)?;
        let mut floats = floats.into_iter();
        let cells = self.schema.columns.iter().zip(lengths);
        let value = |(column, length): (&ColumnSchema, Option<usize>)| match (column.kind, length) {
            (ColumnKind::Float, _) => {
                let float = floats.next().ok_or(Malformed)?;
                Ok(float.map_or(Value::Null, Value::Float))
            }
            (_, None) => Ok(Value::Null),
            (_, Some(length)) => cell::value(column, packed.text(length)?).ok_or(Malformed),
        };
        cells.map(value).collect()
    }

    fn lengths(&self, packed: &mut Packed<'_>) -> Result<Vec<Option<usize>>, Malformed> {
        let length = |column: &ColumnSchema| match column.kind {
            ColumnKind::Float => Ok(None),
            _ => packed.optional(),
        };
        self.schema.columns.iter().map(length).collect()
    }
}
