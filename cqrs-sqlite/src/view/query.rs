//! ⑧ Reading a view.

use cqrs_core::store::StoreError;
use cqrs_core::view::{ColumnError, ColumnKind, Row, Value, ViewQuery, ViewRowFilter};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row as _, query};

use super::SqliteView;
use super::cell::{self, Cell};
use super::clause::{Clause, list};
use super::table::Table;
use crate::binds::number;
use crate::pack::{Malformed, Packed};

const OPERATION: &str = "query view";

impl SqliteView {
    pub(super) async fn rows_by_key(&self, keys: &[Value]) -> Result<Vec<Row>, StoreError> {
        let keys = self
            .table
            .keys(keys.to_vec())
            .map_err(|error| self.refused(error))?;
        let (select, key) = (&self.table.select, self.table.key());
        let text = format!("{select} WHERE {key} IN (SELECT value FROM json_each(?1))");
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
        clause.push(" LIMIT ?1");
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
    /// Keys as one parameter.
    pub(super) fn keys(&self, keys: Vec<Value>) -> Result<String, ColumnError> {
        let column = self.schema.key_column();
        let keys = keys.into_iter().map(|key| Cell::new(column, key));
        Ok(list(keys.collect::<Result<_, _>>()?))
    }

    /// The rows that `select` packed.
    pub(super) fn unpacked(&self, rows: &[SqliteRow]) -> Result<Vec<Row>, sqlx::Error> {
        let unpack = |row| {
            self.unpack(row)?
                .ok_or_else(|| sqlx::Error::Decode("a row of the view cannot be read".into()))
        };
        rows.iter().map(unpack).collect()
    }

    fn unpack(&self, row: &SqliteRow) -> Result<Option<Row>, sqlx::Error> {
        let mut packed = Packed::new(row.try_get(0)?);
        let mut floats = 0;
        let Ok(lengths) = self.lengths(&mut packed) else {
            return Ok(None);
        };
        let mut values = Row::with_capacity(self.schema.columns.len());
        for (column, length) in self.schema.columns.iter().zip(lengths) {
            let value = match (column.kind, length) {
                (ColumnKind::Float, _) => {
                    floats += 1;
                    let float: Option<f64> = row.try_get(floats)?;
                    Some(float.map_or(Value::Null, Value::Float))
                }
                (_, None) => Some(Value::Null),
                (_, Some(length)) => {
                    let text = packed.text(length);
                    text.ok().and_then(|text| cell::value(column, text))
                }
            };
            match value {
                Some(value) => values.push(value),
                None => return Ok(None),
            }
        }
        Ok(Some(values))
    }

    fn lengths(&self, packed: &mut Packed<'_>) -> Result<Vec<Option<usize>>, Malformed> {
        let length = |column: &cqrs_core::view::ColumnSchema| match column.kind {
            ColumnKind::Float => Ok(None),
            _ => packed.length(),
        };
        self.schema.columns.iter().map(length).collect()
    }
}
