//! ⑧ Schemas: the shape of a view, from which each store makes its table or mapping.

use rust_decimal::Decimal;

use super::column::ColumnError;
use super::search::WORDS_VERSION;
use super::value::{ColumnKind, Row, Value};
use crate::fingerprint::fingerprint;

/// The shape of a view: its name, columns, key and indexes.
///
/// `derive(Projection)` makes it from the struct's fields. SQL stores turn it into a table,
/// Elasticsearch into a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ViewSchema {
    /// The view's name, for example `balances`.
    pub name: &'static str,
    /// Raised by hand where the rows change but the shape does not.
    pub version: u32,
    /// The columns, in the order of the struct's fields.
    pub columns: Vec<ColumnSchema>,
    /// Which column is the key.
    pub key: usize,
    /// The indexes besides the key: each the columns it is over.
    pub indexes: Vec<Vec<usize>>,
    /// The text columns that full-text search looks into.
    pub full_text: Vec<usize>,
    /// The stored names of the events that the view follows, in order.
    pub events: Vec<&'static str>,
    /// How many workers share the rows, each those of its own partition; 1 where the view is not divided.
    pub partitions: u32,
}

/// One column of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ColumnSchema {
    /// The column's name: that of the field.
    pub name: &'static str,
    /// What kind of values it holds.
    pub kind: ColumnKind,
    /// Whether it may be null.
    pub nullable: bool,
    /// For a decimal: how many digits after the point.
    pub scale: Option<u32>,
}

impl ViewSchema {
    /// A view of this name without columns yet, keyed by the first one.
    pub fn new(name: &'static str, version: u32) -> Self {
        Self {
            name,
            version,
            columns: Vec::new(),
            key: 0,
            indexes: Vec::new(),
            full_text: Vec::new(),
            events: Vec::new(),
            partitions: 1,
        }
    }

    /// What a subscription of this name keeps: a lease, a checkpoint and dead letters, but no rows.
    ///
    /// It is the same whatever events are followed, since one that is followed newly is no reason to
    /// hand all of them over again.
    pub fn of_subscription(name: &'static str) -> Self {
        Self::new(name, 0)
    }

    /// Whether the view has rows; a subscription has none.
    pub fn has_rows(&self) -> bool {
        !self.columns.is_empty()
    }

    /// The same view, following these events.
    #[must_use]
    pub fn following(mut self, names: impl IntoIterator<Item = &'static str>) -> Self {
        self.events.extend(names);
        self.events.sort_unstable();
        self
    }

    /// A number that changes whenever the view needs a table of its own: name, version, columns, key,
    /// full-text columns, since their words are written with each row, and the number of partitions,
    /// since they stand at different positions.
    ///
    /// Indexes are left out, since a store can add one to the rows that it has. So are the events: the
    /// store keeps beside the lease which ones must be seen.
    pub fn fingerprint(&self) -> u64 {
        let mut text = format!("{}:{}:{}", self.name, self.version, self.shape());
        if self.partitions > 1 {
            text.push_str(&format!(":{}", self.partitions));
        }
        fingerprint(&text)
    }

    /// A number that is equal for schemas with the same columns, key and full-text columns: their
    /// tables can answer each other's queries.
    pub fn shape(&self) -> u64 {
        let mut text = self.key.to_string();
        for column in &self.columns {
            let ColumnSchema {
                name,
                kind,
                nullable,
                scale,
            } = column;
            text.push_str(&format!(";{name}:{kind:?}:{nullable}:{scale:?}"));
        }
        if !self.full_text.is_empty() {
            let columns = &self.full_text;
            text.push_str(&format!(";full_text:{columns:?}:{WORDS_VERSION}"));
        }
        fingerprint(&text)
    }

    /// The row as every store keeps it, or what is wrong with one of its cells.
    ///
    /// # Errors
    ///
    /// [`ColumnError`] that names the column.
    pub fn admit(&self, row: Row) -> Result<Row, ColumnError> {
        let cells = row.into_iter().zip(&self.columns);
        cells.map(|(cell, column)| column.admit(cell)).collect()
    }

    /// The key's column.
    pub fn key_column(&self) -> &ColumnSchema {
        &self.columns[self.key]
    }
}

impl ColumnSchema {
    /// A column that may not be null.
    pub fn new(name: &'static str, kind: ColumnKind) -> Self {
        Self {
            name,
            kind,
            nullable: false,
            scale: None,
        }
    }

    /// The value as every store keeps it: a decimal in the column's scale.
    ///
    /// # Errors
    ///
    /// [`ColumnError`] for a value of another kind, a null where none may be, and a decimal that has
    /// more digits than the scale or does not fit 64 bits.
    pub fn admit(&self, value: Value) -> Result<Value, ColumnError> {
        match value.kind() {
            None if self.nullable => return Ok(value),
            None => return Err(ColumnError::new("may not be null").in_column(self.name)),
            Some(kind) if kind == self.kind => {}
            Some(kind) => {
                let reason = format!("expected {:?}, found {kind:?}", self.kind);
                return Err(ColumnError::new(reason).in_column(self.name));
            }
        }
        match (value, self.scale) {
            (Value::Decimal(number), Some(scale)) => rescale(number, scale)
                .map(Value::Decimal)
                .map_err(|error| error.in_column(self.name)),
            (value, _) => Ok(value),
        }
    }
}

fn rescale(number: Decimal, scale: u32) -> Result<Decimal, ColumnError> {
    let mut scaled = number;
    scaled.rescale(scale);
    if scaled != number {
        let reason =
            format!("{number} has more than {scale} digits after the point; round it first");
        return Err(ColumnError::new(reason));
    }
    if scaled.scale() != scale || i64::try_from(scaled.mantissa()).is_err() {
        let reason = format!("{number} is too large for a decimal column of scale {scale}");
        return Err(ColumnError::new(reason));
    }
    Ok(scaled)
}
