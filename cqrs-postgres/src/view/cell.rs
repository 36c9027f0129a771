//! ⑧ Cells: values as Postgres takes and gives them.

use std::cmp::Ordering;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use cqrs_core::view::{ColumnError, ColumnKind, ColumnSchema, Row, Value};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::database::Statement;

/// The first whole year of Postgres' dates and times, 4712 BC.
const FIRST_YEAR: i32 = -4711;

/// A value that is to be stored.
pub(super) fn admitted(column: &ColumnSchema, value: Value) -> Result<Value, ColumnError> {
    let value = column.admit(value)?;
    let reason = match &value {
        Value::Text(text) | Value::Json(text) if text.contains('\0') => {
            "Postgres keeps no text with the character NUL".to_owned()
        }
        Value::Float(number) if number.is_nan() => "NaN cannot be stored in a view".to_owned(),
        Value::Date(day) if day.year() < FIRST_YEAR => before_first(day.year()),
        Value::Time(time) if time.year() < FIRST_YEAR => before_first(time.year()),
        _ => return Ok(value),
    };
    Err(ColumnError::new(reason).in_column(column.name))
}

fn before_first(year: i32) -> String {
    format!("the year {year} is before {FIRST_YEAR}, the first that Postgres keeps")
}

/// The parameter of a value that is not null.
pub(super) fn bind<'q>(statement: Statement<'q>, value: &Value) -> Statement<'q> {
    match value {
        Value::Bool(value) => statement.bind(*value),
        Value::Integer(number) => statement.bind(*number),
        Value::Float(number) => statement.bind(*number),
        Value::Text(text) | Value::Json(text) => statement.bind(text.clone()),
        Value::Uuid(id) => statement.bind(*id),
        Value::Date(day) => statement.bind(*day),
        Value::Time(time) => statement.bind(*time),
        Value::Decimal(number) => statement.bind(number.to_string()),
        _ => statement.bind(None::<String>),
    }
}

macro_rules! list {
    ($statement:ident, $values:ident, $($kind:ident)|+, $type:ty, $own:expr) => {{
        let own: fn(_) -> $type = $own;
        let list = $values.into_iter().map(|value| match value {
            $(Value::$kind(value))|+ => Some(own(value)),
            _ => None,
        });
        $statement.bind(list.collect::<Vec<Option<$type>>>())
    }};
}

/// The parameter of a column's values.
pub(super) fn bind_list<'q>(
    statement: Statement<'q>,
    kind: ColumnKind,
    values: Vec<Value>,
) -> Statement<'q> {
    match kind {
        ColumnKind::Bool => list!(statement, values, Bool, bool, |value| value),
        ColumnKind::Integer => list!(statement, values, Integer, i64, |value| value),
        ColumnKind::Float => list!(statement, values, Float, f64, |value| value),
        ColumnKind::Uuid => list!(statement, values, Uuid, Uuid, |value| value),
        ColumnKind::Date => list!(statement, values, Date, NaiveDate, |value| value),
        ColumnKind::Time => list!(statement, values, Time, DateTime<Utc>, |value| value),
        ColumnKind::Decimal => list!(
            statement,
            values,
            Decimal,
            String,
            |number: rust_decimal::Decimal| number.to_string()
        ),
        _ => list!(statement, values, Text | Json, String, |text| text),
    }
}

/// The order of keys, which are of one kind and never null.
pub(super) fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Integer(left), Value::Integer(right)) => left.cmp(right),
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        (Value::Uuid(left), Value::Uuid(right)) => left.cmp(right),
        (Value::Date(left), Value::Date(right)) => left.cmp(right),
        (Value::Time(left), Value::Time(right)) => left.cmp(right),
        (Value::Decimal(left), Value::Decimal(right)) => left.cmp(right),
        _ => Ordering::Equal,
    }
}

/// A row of the schema's columns.
pub(super) fn read(columns: &[ColumnSchema], row: &PgRow) -> Result<Row, sqlx::Error> {
    let columns = columns.iter().enumerate();
    let values = columns.map(|(index, column)| value(column, row, index));
    values.collect()
}

fn value(column: &ColumnSchema, row: &PgRow, index: usize) -> Result<Value, sqlx::Error> {
    let value = match column.kind {
        ColumnKind::Bool => row.try_get::<Option<_>, _>(index)?.map(Value::Bool),
        ColumnKind::Integer => row.try_get::<Option<_>, _>(index)?.map(Value::Integer),
        ColumnKind::Float => row.try_get::<Option<_>, _>(index)?.map(Value::Float),
        ColumnKind::Uuid => row.try_get::<Option<_>, _>(index)?.map(Value::Uuid),
        ColumnKind::Date => row.try_get::<Option<_>, _>(index)?.map(Value::Date),
        ColumnKind::Time => row.try_get::<Option<_>, _>(index)?.map(Value::Time),
        ColumnKind::Text => row.try_get::<Option<_>, _>(index)?.map(Value::Text),
        // It comes as it is stored; the driver's own type for it would parse it.
        ColumnKind::Json => row
            .try_get_unchecked::<Option<String>, _>(index)?
            .map(Value::Json),
        ColumnKind::Decimal => {
            let text: Option<&str> = row.try_get(index)?;
            let number = text.map(str::parse).transpose();
            number
                .map_err(|error: rust_decimal::Error| sqlx::Error::Decode(Box::new(error)))?
                .map(Value::Decimal)
        }
        other => {
            let reason = format!("Postgres has no column of kind {other:?}");
            return Err(sqlx::Error::Decode(reason.into()));
        }
    };
    Ok(value.unwrap_or(Value::Null))
}
