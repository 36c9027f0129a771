//! ⑧ Column types: which Rust types a view's fields may have.

mod types;

use std::hash::Hash;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::value::{ColumnKind, Value};

/// A type that a view's field may have.
///
/// Integers up to 64 bits, `f64`, `bool`, `String`, `Uuid`, `NaiveDate`, `DateTime<Utc>`, `Decimal`
/// (with `#[projection(scale = …)]`), `derive(Id)` newtypes, and `Option` of those. For an enum or
/// another newtype, implement it through one of these.
///
/// # Example
///
/// ```
/// use cqrs::view::{ColumnError, ColumnKind, ColumnType, Value};
///
/// #[derive(Clone, Copy, Debug, PartialEq)]
/// enum Status { Open, Closed }
///
/// impl ColumnType for Status {
///     const KIND: ColumnKind = ColumnKind::Text;
///
///     fn to_value(&self) -> Result<Value, ColumnError> {
///         Ok(Value::Text(match self { Status::Open => "open", Status::Closed => "closed" }.into()))
///     }
///
///     fn from_value(value: Value) -> Result<Self, ColumnError> {
///         match String::from_value(value)?.as_str() {
///             "open" => Ok(Status::Open),
///             "closed" => Ok(Status::Closed),
///             other => Err(ColumnError::new(format!("`{other}` is no status"))),
///         }
///     }
/// }
/// assert_eq!(Status::from_value(Status::Open.to_value()?)?, Status::Open);
/// # Ok::<(), ColumnError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a column of a view",
    label = "no column type for `{Self}`",
    note = "columns: integers, `f64`, `bool`, `String`, `Uuid`, dates, decimals, `#[derive(Id)]` newtypes, `Option` of those",
    note = "for anything else write `#[projection(json)]` above the field, or implement `ColumnType` for `{Self}`"
)]
pub trait ColumnType: Sized + 'static {
    /// What kind of values the column holds.
    const KIND: ColumnKind;
    /// Whether the column may be null.
    const NULLABLE: bool = false;

    /// The cell of this value.
    ///
    /// # Errors
    ///
    /// [`ColumnError`] for what no store can hold: NaN, an integer beyond 64 bits with sign.
    fn to_value(&self) -> Result<Value, ColumnError>;

    /// The value of a cell.
    ///
    /// # Errors
    ///
    /// [`ColumnError`] when the cell holds something else.
    fn from_value(value: Value) -> Result<Self, ColumnError>;
}

/// A type that can be a view's key: a column that is never null and can be compared and hashed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the key of a view",
    label = "not a key",
    note = "a key is an id, a text, an integer, a UUID or a date; mark another field with `#[projection(key)]`"
)]
pub trait Key: ColumnType + Clone + Eq + Hash + Ord + std::fmt::Debug + Send + Sync {}

#[diagnostic::do_not_recommend]
impl<T: ColumnType + Clone + Eq + Hash + Ord + std::fmt::Debug + Send + Sync> Key for T {}

/// A cell that does not fit its column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct ColumnError {
    reason: String,
}

impl ColumnError {
    /// Says what does not fit.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }

    /// Names the column in which it happened.
    #[must_use]
    pub fn in_column(self, column: &str) -> Self {
        Self::new(format!("column `{column}`: {}", self.reason))
    }
}

/// The cell of a `#[projection(json)]` field.
///
/// # Errors
///
/// [`ColumnError`] when serde cannot write it as JSON.
pub fn json_to_value<T: Serialize>(field: &T) -> Result<Value, ColumnError> {
    match serde_json::to_string(field) {
        Ok(text) => Ok(Value::Json(text)),
        Err(error) => Err(ColumnError::new(format!(
            "cannot be written as JSON: {error}"
        ))),
    }
}

/// The field of a `#[projection(json)]` cell.
///
/// # Errors
///
/// [`ColumnError`] when the JSON does not fit the field's type.
pub fn json_from_value<T: DeserializeOwned>(value: Value) -> Result<T, ColumnError> {
    match value {
        Value::Json(text) => serde_json::from_str(&text)
            .map_err(|error| ColumnError::new(format!("the JSON does not fit: {error}"))),
        other => Err(ColumnError::new(format!("expected JSON, found {other:?}"))),
    }
}

/// Refuses at compile time a decimal column without a scale, and a scale on anything else.
///
/// # Panics
///
/// In a constant this is a compile error at the caller's token.
#[track_caller]
pub const fn assert_scale(kind: ColumnKind, scale: Option<u32>) {
    match (kind, scale) {
        (ColumnKind::Decimal, None) => {
            panic!(
                "a decimal column needs a scale: write `#[projection(scale = 2)]` above the field"
            )
        }
        (ColumnKind::Decimal, Some(_)) | (_, None) => {}
        (_, Some(_)) => panic!("only a decimal column has a scale: take `scale` out"),
    }
}

/// Refuses at compile time full text on anything but a text.
///
/// # Panics
///
/// In a constant this is a compile error at the caller's token.
#[track_caller]
pub const fn assert_full_text(kind: ColumnKind) {
    assert!(
        matches!(kind, ColumnKind::Text),
        "only a text has full text: take `full_text` out, or add a field that holds the text"
    );
}
