//! ⑧ Conditions and orders of a query as SQL, every value a parameter.

use std::fmt::Write as _;
use std::ops::Bound;

use cqrs_core::view::{ColumnError, ColumnKind, ColumnSchema, OrderBy, Test, Value, ViewRowFilter};

use super::cell::Cell;
use super::table::Table;
use crate::binds::Statement;

/// A text under construction, with the values of its parameters.
#[derive(Debug)]
pub(super) struct Clause<'t> {
    table: &'t Table,
    pub(super) text: String,
    values: Vec<Cell>,
    /// How many parameters the text has that are not among the values.
    bound: usize,
}

impl<'t> Clause<'t> {
    /// A text that begins so, with this many parameters that the caller binds first.
    pub(super) fn new(table: &'t Table, text: String, bound: usize) -> Self {
        Self {
            table,
            text,
            values: Vec::new(),
            bound,
        }
    }

    pub(super) fn bind<'q>(self, statement: Statement<'q>) -> Statement<'q> {
        let values = self.values.into_iter();
        values.fold(statement, Cell::bind_to)
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn value(&mut self, value: Cell) {
        self.values.push(value);
        let number = self.bound + self.values.len();
        let _ = write!(self.text, "?{number}");
    }

    fn column(&self, index: usize) -> (&'t ColumnSchema, &'t str) {
        (
            &self.table.schema.columns[index],
            &self.table.columns[index],
        )
    }

    /// All of the filters.
    pub(super) fn filters(&mut self, filters: &[ViewRowFilter]) -> Result<(), ColumnError> {
        self.push("TRUE");
        for filter in filters {
            self.push(" AND ");
            self.filter(filter)?;
        }
        Ok(())
    }

    pub(super) fn filter(&mut self, filter: &ViewRowFilter) -> Result<(), ColumnError> {
        let (column, name) = self.column(filter.column);
        match &filter.test {
            Test::IsNull | Test::Equals(Value::Null) => self.push(&format!("{name} IS NULL")),
            Test::IsNotNull => self.push(&format!("{name} IS NOT NULL")),
            Test::Equals(value) => self.compare(column, name, "=", value)?,
            Test::OneOf(values) => self.one_of(column, name, values)?,
            Test::Range { lower, upper } => {
                self.push(&format!("({name} IS NOT NULL"));
                let bounds = [(lower, ">", ">="), (upper, "<", "<=")];
                for (bound, excluded, included) in bounds {
                    let (operator, value) = match bound {
                        Bound::Unbounded => continue,
                        Bound::Excluded(value) => (excluded, value),
                        Bound::Included(value) => (included, value),
                    };
                    self.push(" AND ");
                    self.compare(column, name, operator, value)?;
                }
                self.push(")");
            }
            other => return Err(ColumnError::new(format!("SQLite has no test {other:?}"))),
        }
        Ok(())
    }

    fn compare(
        &mut self,
        column: &ColumnSchema,
        name: &str,
        operator: &str,
        value: &Value,
    ) -> Result<(), ColumnError> {
        let value = Cell::new(column, value.clone())?;
        self.push(&format!("{name} {operator} "));
        self.value(value);
        Ok(())
    }

    /// Null is one of the values only where it is named.
    fn one_of(
        &mut self,
        column: &ColumnSchema,
        name: &str,
        values: &[Value],
    ) -> Result<(), ColumnError> {
        let cells = values.iter().filter(|value| **value != Value::Null);
        let cells = cells.map(|value| Cell::new(column, value.clone()));
        let cells: Vec<Cell> = cells.collect::<Result<_, _>>()?;
        self.push("(FALSE");
        if cells.len() < values.len() {
            self.push(&format!(" OR {name} IS NULL"));
        }
        if column.kind == ColumnKind::Float {
            // JSON would pass the numbers through their decimal form.
            for cell in cells {
                self.push(&format!(" OR {name} = "));
                self.value(cell);
            }
        } else {
            self.push(&format!(" OR {name} IN (SELECT value FROM json_each("));
            self.value(Cell::Text(list(cells)));
            self.push("))");
        }
        self.push(")");
        Ok(())
    }

    /// The order, ended by the key.
    pub(super) fn order(&mut self, order: &[OrderBy]) {
        self.push(" ORDER BY ");
        for by in order {
            let (column, name) = self.column(by.column);
            // Descending, SQLite puts NULL last by itself.
            let direction = match (by.descending, column.nullable) {
                (true, _) => "DESC",
                (false, true) => "ASC NULLS LAST",
                (false, false) => "ASC",
            };
            self.push(&format!("{name} {direction}, "));
        }
        self.push(self.table.key());
    }

    /// Rows after this key.
    pub(super) fn after_key(&mut self, key: &Value) -> Result<(), ColumnError> {
        let (column, name) = self.column(self.table.schema.key);
        self.compare(column, name, ">", key)
    }

    /// Rows after a place in the order: behind it in the first column, or equal there and behind it
    /// in the others.
    pub(super) fn after(&mut self, order: &[OrderBy], place: &[Value]) -> Result<(), ColumnError> {
        if place.len() != order.len() + 1 {
            let (found, wanted) = (place.len(), order.len() + 1);
            let reason = format!("the place of a page has {found} values, the order {wanted}");
            return Err(ColumnError::new(reason));
        }
        for (by, value) in order.iter().zip(place) {
            let (column, name) = self.column(by.column);
            if *value == Value::Null {
                self.push(&format!(" AND {name} IS NULL"));
                continue;
            }
            let (behind, not_before) = if by.descending {
                ("<", "<=")
            } else {
                (">", ">=")
            };
            if !column.nullable {
                // It follows from the rest, and lets SQLite begin in the middle of an index.
                self.push(" AND ");
                self.compare(column, name, not_before, value)?;
            }
            self.push(" AND (");
            self.compare(column, name, behind, value)?;
            if column.nullable {
                self.push(&format!(" OR {name} IS NULL"));
            }
            self.push(" OR (");
            self.compare(column, name, "=", value)?;
        }
        self.push(" AND ");
        self.after_key(&place[order.len()])?;
        let open = place[..order.len()]
            .iter()
            .filter(|value| **value != Value::Null);
        let closed = "))".repeat(open.count());
        self.push(&closed);
        Ok(())
    }
}

/// Cells as one parameter.
fn list(cells: Vec<Cell>) -> String {
    let cells = cells.into_iter().map(Cell::into_json).collect();
    serde_json::Value::Array(cells).to_string()
}
