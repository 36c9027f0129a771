//! ⑧ Reading a view.

use std::sync::Arc;

use cqrs_core::store::StoreError;
use cqrs_core::view::{ColumnError, Row, Value, ViewQuery, ViewRowFilter};
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use super::PostgresView;
use super::cell;
use super::clause::Clause;
use super::table::Table;
use crate::binds::{integer, number, statement};

const OPERATION: &str = "query view";

impl PostgresView {
    pub(super) async fn rows_by_key(&self, keys: &[Value]) -> Result<Vec<Row>, StoreError> {
        let has_nul = |key: &&Value| matches!(key, Value::Text(text) if text.contains('\0'));
        let keys = keys.iter().filter(|key| !has_nul(key)).cloned().collect();
        let keys = self.table.keys(keys).map_err(|error| self.refused(error))?;
        let text = Arc::from(self.table.select_by_keys());
        let kind = self.table.schema.key_column().kind;
        let read = || cell::bind_list(statement(&text), kind, keys.clone());
        let rows = self.database.read(OPERATION, read).await?;
        self.rows_read(OPERATION, &rows)
    }

    pub(super) async fn rows_of(&self, asked: &ViewQuery) -> Result<Vec<Row>, StoreError> {
        let clause = self.clause(asked).map_err(|error| self.refused(error))?;
        let text = clause.text();
        let limit = integer(asked.limit as u64);
        let read = || clause.bind(statement(&text).bind(limit));
        let rows = self.database.read(OPERATION, read).await?;
        self.rows_read(OPERATION, &rows)
    }

    fn clause(&self, asked: &ViewQuery) -> Result<Clause<'_>, ColumnError> {
        let mut clause = Clause::new(&self.table, self.table.select.clone(), 1);
        clause.push(" WHERE ");
        clause.filters(&asked.filters)?;
        if let Some(place) = &asked.after {
            clause.after(&asked.order, place)?;
        }
        clause.order(&asked.order);
        clause.push(" LIMIT $1");
        Ok(clause)
    }

    pub(super) async fn count_rows(&self, filters: &[ViewRowFilter]) -> Result<u64, StoreError> {
        let mut clause = Clause::new(&self.table, self.table.count(), 0);
        clause.push(" WHERE ");
        let filtered = clause.filters(filters);
        filtered.map_err(|error| self.refused(error))?;
        let rows = self.database.read(OPERATION, || clause.statement()).await?;
        let count = rows.first().map(|row| row.try_get(0)).transpose();
        let count = count.map_err(|error| self.database.place(OPERATION).error(error))?;
        Ok(number(count.unwrap_or(0)))
    }

    fn refused(&self, error: ColumnError) -> StoreError {
        self.database.place(OPERATION).failed(error)
    }

    pub(super) fn rows_read(
        &self,
        operation: &'static str,
        rows: &[PgRow],
    ) -> Result<Vec<Row>, StoreError> {
        let rows = self.table.rows(rows);
        rows.map_err(|error| self.database.place(operation).error(error))
    }
}

impl Table {
    /// Keys as they are looked for: each once, in order.
    pub(super) fn keys(&self, keys: Vec<Value>) -> Result<Vec<Value>, ColumnError> {
        let column = self.schema.key_column();
        let keys = keys.into_iter().map(|key| cell::admitted(column, key));
        let mut keys: Vec<Value> = keys.collect::<Result<_, _>>()?;
        keys.sort_unstable_by(cell::compare);
        keys.dedup_by(|left, right| cell::compare(left, right).is_eq());
        Ok(keys)
    }

    pub(super) fn rows(&self, rows: &[PgRow]) -> Result<Vec<Row>, sqlx::Error> {
        let rows = rows.iter();
        let rows = rows.map(|row| cell::read(&self.schema.columns, row));
        rows.collect()
    }
}
