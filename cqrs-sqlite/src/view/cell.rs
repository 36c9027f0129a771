//! ⑧ Cells: values as SQLite keeps them, in the same order as the values themselves.

use std::cmp::Ordering;

use chrono::{DateTime, Datelike, NaiveDate};
use cqrs_core::view::{ColumnError, ColumnKind, ColumnSchema, Value};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::binds::Statement;

/// A value in one of SQLite's four types.
#[derive(Debug, Clone)]
pub(super) enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
}

impl Cell {
    pub(super) fn new(column: &ColumnSchema, value: Value) -> Result<Self, ColumnError> {
        Ok(match column.admit(value)? {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Integer(value.into()),
            Value::Integer(number) => Self::Integer(number),
            Value::Float(number) => Self::Real(number),
            Value::Text(text) | Value::Json(text) => Self::Text(text),
            Value::Uuid(id) => Self::Text(id.hyphenated().to_string()),
            Value::Date(day) => Self::Text(date(day).map_err(|e| e.in_column(column.name))?),
            Value::Time(time) => Self::Integer(time.timestamp_micros()),
            Value::Decimal(number) => Self::Integer(units(number, column)?),
            other => {
                let reason = format!("{other:?} has no place in SQLite");
                return Err(ColumnError::new(reason).in_column(column.name));
            }
        })
    }

    pub(super) fn bind_to(statement: Statement<'_>, cell: Self) -> Statement<'_> {
        match cell {
            Self::Null => statement.bind(None::<i64>),
            Self::Integer(number) => statement.bind(number),
            Self::Real(number) => statement.bind(number),
            Self::Text(text) => statement.bind(text),
        }
    }

    /// The order of keys, which are all integers or all texts.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Integer(left), Self::Integer(right)) => left.cmp(right),
            (Self::Text(left), Self::Text(right)) => left.cmp(right),
            _ => Ordering::Equal,
        }
    }

    /// For lists, which go to SQLite as JSON.
    pub(super) fn into_json(self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Integer(number) => number.into(),
            Self::Real(number) => number.into(),
            Self::Text(text) => text.into(),
        }
    }
}

/// Outside of these years the texts are longer and their order is no longer that of the days.
fn date(day: NaiveDate) -> Result<String, ColumnError> {
    match day.year() {
        0..=9999 => Ok(day.to_string()),
        year => {
            let reason = format!("the year {year} is outside of 0 to 9999");
            Err(ColumnError::new(reason))
        }
    }
}

fn units(number: Decimal, column: &ColumnSchema) -> Result<i64, ColumnError> {
    let units = i64::try_from(number.mantissa()).ok();
    let units = units.filter(|_| Some(number.scale()) == column.scale);
    units.ok_or_else(|| {
        let reason = format!("{number} does not fit the column's scale");
        ColumnError::new(reason).in_column(column.name)
    })
}

/// The value of a packed cell; `None` when it was not written by us.
pub(super) fn value(column: &ColumnSchema, text: &str) -> Option<Value> {
    Some(match column.kind {
        ColumnKind::Bool => Value::Bool(text == "1"),
        ColumnKind::Integer => Value::Integer(text.parse().ok()?),
        ColumnKind::Float => Value::Float(text.parse().ok()?),
        ColumnKind::Text => Value::Text(text.to_owned()),
        ColumnKind::Json => Value::Json(text.to_owned()),
        ColumnKind::Uuid => Value::Uuid(Uuid::try_parse(text).ok()?),
        ColumnKind::Date => Value::Date(text.parse().ok()?),
        ColumnKind::Time => Value::Time(DateTime::from_timestamp_micros(text.parse().ok()?)?),
        ColumnKind::Decimal => {
            let scale = column.scale.unwrap_or(0);
            Value::Decimal(Decimal::try_new(text.parse().ok()?, scale).ok()?)
        }
        _ => return None,
    })
}
