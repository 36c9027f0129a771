//! ⑨ Cursors: a place in an order, as text for a link to the next page.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::fingerprint::mix;
use crate::view::{OrderBy, Value, ViewSchema};

/// A place in the order of a query: the next page begins after it.
///
/// Its text is safe in a URL. It holds the last row's ordered cells and key, so pages stay stable
/// while rows are written: nothing is shown twice or skipped that keeps its place in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

/// What a cursor holds.
#[derive(Serialize, Deserialize)]
struct Place {
    /// The view's fingerprint and the order it belongs to: another query refuses it.
    query: u64,
    cells: Vec<Cell>,
}

/// A cell whose kind is known from the column.
#[derive(Serialize, Deserialize)]
enum Cell {
    #[serde(rename = "n")]
    Null,
    #[serde(rename = "b")]
    Bool(bool),
    #[serde(rename = "i")]
    Integer(i64),
    /// By its bits, since JSON rounds.
    #[serde(rename = "f")]
    Float(u64),
    #[serde(rename = "t")]
    Text(String),
    #[serde(rename = "u")]
    Uuid(uuid::Uuid),
    #[serde(rename = "d")]
    Date(chrono::NaiveDate),
    #[serde(rename = "m")]
    Time(chrono::DateTime<chrono::Utc>),
    #[serde(rename = "x")]
    Decimal(rust_decimal::Decimal),
    #[serde(rename = "j")]
    Json(String),
}

/// A text that is not a cursor of the query that it was given to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a cursor of this query; begin with its first page")]
pub struct InvalidCursor {
    text: String,
}

impl Cursor {
    pub(super) fn new(schema: &ViewSchema, order: &[OrderBy], cells: Vec<Value>) -> Self {
        let place = Place {
            query: query(schema, order),
            cells: cells.into_iter().map(Cell::from).collect(),
        };
        let json = serde_json::to_vec(&place).unwrap_or_default();
        Self(json.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    pub(super) fn cells(
        &self,
        schema: &ViewSchema,
        order: &[OrderBy],
    ) -> Result<Vec<Value>, InvalidCursor> {
        let invalid = || InvalidCursor {
            text: self.0.clone(),
        };
        let json = bytes(&self.0).ok_or_else(invalid)?;
        let place: Place = serde_json::from_slice(&json).map_err(|_| invalid())?;
        if place.query != query(schema, order) || place.cells.len() != order.len() + 1 {
            return Err(invalid());
        }
        let cells = place.cells.into_iter().map(Value::from);
        let columns = order.iter().map(|by| by.column).chain([schema.key]);
        let cells = columns
            .zip(cells)
            .map(|(column, cell)| schema.columns[column].admit(cell));
        cells.collect::<Result<_, _>>().map_err(|_| invalid())
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        match bytes(text) {
            Some(_) => Ok(Self(text.to_owned())),
            None => Err(InvalidCursor {
                text: text.to_owned(),
            }),
        }
    }
}

fn query(schema: &ViewSchema, order: &[OrderBy]) -> u64 {
    order.iter().fold(schema.fingerprint(), |hash, by| {
        let place = (by.column as u64) << 1 | u64::from(by.descending);
        mix(hash, place)
    })
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    if !hex.is_ascii() || hex.len() % 2 == 1 {
        return None;
    }
    let pairs = (0..hex.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok())
        .collect()
}

impl From<Value> for Cell {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Cell::Null,
            Value::Bool(value) => Cell::Bool(value),
            Value::Integer(value) => Cell::Integer(value),
            Value::Float(value) => Cell::Float(value.to_bits()),
            Value::Text(value) => Cell::Text(value),
            Value::Uuid(value) => Cell::Uuid(value),
            Value::Date(value) => Cell::Date(value),
            Value::Time(value) => Cell::Time(value),
            Value::Decimal(value) => Cell::Decimal(value),
            Value::Json(value) => Cell::Json(value),
        }
    }
}

impl From<Cell> for Value {
    fn from(cell: Cell) -> Self {
        match cell {
            Cell::Null => Value::Null,
            Cell::Bool(value) => Value::Bool(value),
            Cell::Integer(value) => Value::Integer(value),
            Cell::Float(bits) => Value::Float(f64::from_bits(bits)),
            Cell::Text(value) => Value::Text(value),
            Cell::Uuid(value) => Value::Uuid(value),
            Cell::Date(value) => Value::Date(value),
            Cell::Time(value) => Value::Time(value),
            Cell::Decimal(value) => Value::Decimal(value),
            Cell::Json(value) => Value::Json(value),
        }
    }
}
