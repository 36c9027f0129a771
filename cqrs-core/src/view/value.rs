//! ⑧ Values: what a cell of a view holds, the same for every view store.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

/// One cell of a row.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A floating-point number, never NaN.
    Float(f64),
    /// A text, compared by bytes.
    Text(String),
    /// A UUID.
    Uuid(Uuid),
    /// A calendar day.
    Date(NaiveDate),
    /// A moment, in microseconds.
    Time(DateTime<Utc>),
    /// A decimal number of the column's scale.
    Decimal(Decimal),
    /// A structured value as JSON text.
    Json(String),
}

/// The row of a view: one value per column, in the schema's order.
pub type Row = Vec<Value>;

/// What kind of values a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnKind {
    /// True or false.
    Bool,
    /// A whole number that fits 64 bits with sign.
    Integer,
    /// A floating-point number.
    Float,
    /// A text.
    Text,
    /// A UUID.
    Uuid,
    /// A calendar day.
    Date,
    /// A moment, in microseconds.
    Time,
    /// A decimal number; its scale stands in the schema.
    Decimal,
    /// A structured value as JSON text.
    Json,
}

impl Value {
    /// The kind of column that holds this value; `None` for null, which fits every optional one.
    pub fn kind(&self) -> Option<ColumnKind> {
        Some(match self {
            Value::Null => return None,
            Value::Bool(_) => ColumnKind::Bool,
            Value::Integer(_) => ColumnKind::Integer,
            Value::Float(_) => ColumnKind::Float,
            Value::Text(_) => ColumnKind::Text,
            Value::Uuid(_) => ColumnKind::Uuid,
            Value::Date(_) => ColumnKind::Date,
            Value::Time(_) => ColumnKind::Time,
            Value::Decimal(_) => ColumnKind::Decimal,
            Value::Json(_) => ColumnKind::Json,
        })
    }
}
