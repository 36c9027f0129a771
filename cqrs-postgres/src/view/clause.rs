//! ⑧ Conditions and orders of a query as SQL, every value a parameter.

use std::fmt::Write as _;
use std::ops::Bound;
use std::sync::Arc;

use cqrs_core::view::{ColumnError, ColumnKind, ColumnSchema, OrderBy, Test, Value, ViewRowFilter};

use super::cell;
use super::table::{Table, cast, list_type};
use crate::binds;
use crate::database::Statement;

/// A text under construction, with the values of its parameters.
#[derive(Debug)]
pub(super) struct Clause<'t> {
    table: &'t Table,
    text: String,
    values: Vec<Parameter>,
    /// How many parameters the text has that are not among the values.
    bound: usize,
}

#[derive(Debug)]
enum Parameter {
    One(Value),
    List(ColumnKind, Vec<Value>),
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

    /// The whole text; the parameters are still to be bound.
    pub(super) fn text(&self) -> Arc<str> {
        Arc::from(self.text.as_str())
    }

    pub(super) fn bind<'q>(&self, statement: Statement<'q>) -> Statement<'q> {
        let bind = |statement, parameter: &Parameter| match parameter {
            Parameter::One(value) => cell::bind(statement, value),
            Parameter::List(kind, values) => cell::bind_list(statement, *kind, values.clone()),
        };
        self.values.iter().fold(statement, bind)
    }

    /// The text with its parameters, of which the caller binds none.
    pub(super) fn statement<'q>(&self) -> Statement<'q> {
        self.bind(binds::statement(&self.text()))
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// A value of the caller's own.
    pub(super) fn value(&mut self, value: Value) {
        self.parameter(Parameter::One(value));
    }

    fn parameter(&mut self, parameter: Parameter) {
        self.values.push(parameter);
        let number = self.bound + self.values.len();
        let _ = write!(self.text, "${number}");
    }

    /// The column, and how it is compared.
    fn column(&self, index: usize) -> (&'t ColumnSchema, String) {
        let (column, name) = (
            &self.table.schema.columns[index],
            &self.table.columns[index],
        );
        match column.kind {
            ColumnKind::Json => (column, format!("({name}::text COLLATE \"C\")")),
            _ => (column, name.clone()),
        }
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
            Test::Equals(value) => self.compare(column, &name, "=", value)?,
            Test::OneOf(values) => self.one_of(column, &name, values)?,
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
                    self.compare(column, &name, operator, value)?;
                }
                self.push(")");
            }
            other => {
                return Err(ColumnError::new(format!("Postgres has no test {other:?}")));
            }
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
        if operator == "=" && has_nul(value) {
            self.push("FALSE");
            return Ok(());
        }
        let (operator, value) = without_nul(operator, value);
        let value = cell::admitted(column, value)?;
        self.push(&format!("{name} {operator} "));
        self.parameter(Parameter::One(value));
        if column.kind == ColumnKind::Decimal {
            self.push(cast(column));
        }
        Ok(())
    }

    /// Null is one of the values only where it is named.
    fn one_of(
        &mut self,
        column: &ColumnSchema,
        name: &str,
        values: &[Value],
    ) -> Result<(), ColumnError> {
        let others = values.iter().filter(|value| **value != Value::Null);
        let cells = others.filter(|value| !has_nul(value));
        let cells = cells.map(|value| cell::admitted(column, value.clone()));
        let cells: Vec<Value> = cells.collect::<Result<_, _>>()?;
        self.push(&format!("({name} = ANY("));
        self.parameter(Parameter::List(column.kind, cells));
        self.push(&format!("::{}", list_type(column)));
        if column.kind == ColumnKind::Decimal {
            self.push(&format!("{}[]", cast(column)));
        }
        self.push(")");
        if values.contains(&Value::Null) {
            self.push(&format!(" OR {name} IS NULL"));
        }
        self.push(")");
        Ok(())
    }

    /// The order, ended by the key.
    pub(super) fn order(&mut self, order: &[OrderBy]) {
        self.push(" ORDER BY ");
        for by in order {
            let (column, name) = self.column(by.column);
            // Ascending, Postgres puts NULL last by itself. Where there is none, nothing is said of it, so
            // that an index can be read backwards.
            let direction = match (by.descending, column.nullable) {
                (true, true) => "DESC NULLS LAST",
                (true, false) => "DESC",
                (false, _) => "ASC",
            };
            self.push(&format!("{name} {direction}, "));
        }
        self.push(self.table.key());
    }

    /// Rows after this key.
    pub(super) fn after_key(&mut self, key: &Value) -> Result<(), ColumnError> {
        let (column, name) = self.column(self.table.schema.key);
        self.compare(column, &name, ">", key)
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
                // It follows from the rest, and lets Postgres begin in the middle of an index.
                self.push(" AND ");
                self.compare(column, &name, not_before, value)?;
            }
            self.push(" AND (");
            self.compare(column, &name, behind, value)?;
            if column.nullable {
                self.push(&format!(" OR {name} IS NULL"));
            }
            self.push(" OR (");
            self.compare(column, &name, "=", value)?;
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

/// No stored text has the character NUL, and no parameter may.
fn has_nul(value: &Value) -> bool {
    matches!(value, Value::Text(text) | Value::Json(text) if text.contains('\0'))
}

/// The same comparison for texts without NUL: they lie before or after what stands in front of it as
/// they do to the whole, and what equals it lies before.
fn without_nul<'o>(operator: &'o str, value: &Value) -> (&'o str, Value) {
    let cut = |text: &str| text.split('\0').next().unwrap_or_default().to_owned();
    let cut = match value {
        Value::Text(text) if text.contains('\0') => Value::Text(cut(text)),
        Value::Json(text) if text.contains('\0') => Value::Json(cut(text)),
        value => return (operator, value.clone()),
    };
    let operator = match operator {
        ">=" => ">",
        "<" => "<=",
        operator => operator,
    };
    (operator, cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_nul_is_compared_by_what_stands_before_it() {
        let value = Value::Text("a\0b".to_owned());
        for (asked, sent) in [(">", ">"), (">=", ">"), ("<", "<="), ("<=", "<=")] {
            let found = without_nul(asked, &value);
            assert_eq!(found, (sent, Value::Text("a".to_owned())));
        }
        assert_eq!(
            without_nul("<", &Value::Integer(1)),
            ("<", Value::Integer(1))
        );
    }
}
