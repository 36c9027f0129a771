//! ① Ids: what names a stream within its category.

use std::fmt::{self, Debug, Display};
use std::hash::Hash;

/// A typed id: a newtype over a `String`, a `Uuid` or an integer.
///
/// Write `#[derive(Id)]` above `struct AccountId(String);` rather than implementing it by hand.
///
/// # Example
///
/// ```
/// use cqrs::prelude::*;
///
/// #[derive(Id)]
/// pub struct AccountId(String);
///
/// let id = AccountId::from("ada");
/// assert_eq!(id.to_string(), "ada");
/// assert_eq!(AccountId::parse("ada").unwrap(), id);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an id type",
    label = "not an id",
    note = "write `#[derive(Id)]` above `struct {Self}(String);`"
)]
pub trait Id: Clone + Eq + Hash + Ord + Display + Debug + Send + Sync + 'static {
    /// Reads the id from the text that its `Display` writes.
    ///
    /// # Errors
    ///
    /// [`ParseIdError`] when the text is not the form of this id.
    fn parse(text: &str) -> Result<Self, ParseIdError>;
}

/// A text that is not an id of the expected form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a `{expected}`: {reason}")]
pub struct ParseIdError {
    /// The text that was read.
    pub text: String,
    /// The id type that was asked for.
    pub expected: &'static str,
    /// What the inner type says.
    pub reason: String,
}

impl ParseIdError {
    /// Says that `text` is no `expected`, and why.
    pub fn new(text: &str, expected: &'static str, reason: impl Display) -> Self {
        Self {
            text: text.to_owned(),
            expected,
            reason: reason.to_string(),
        }
    }
}

/// The id of an event that may come from several kinds of streams: category and id.
///
/// It is the id type of composed event enums (`#[event(transparent)]`), whose variants have ids of
/// different types. Its text is `category/id`.
///
/// # Example
///
/// ```
/// use cqrs::{AnyId, Id};
///
/// let id = AnyId::new("order", "17");
/// assert_eq!(id.to_string(), "order/17");
/// assert_eq!(AnyId::parse("order/17").unwrap(), id);
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct AnyId {
    category: String,
    id: String,
}

impl AnyId {
    /// The id `id` within `category`.
    pub fn new(category: impl Into<String>, id: impl Into<String>) -> Self {
        Self {
            category: category.into(),
            id: id.into(),
        }
    }

    /// The stream's category, for example `order`.
    pub fn category(&self) -> &str {
        &self.category
    }

    /// The stream's id within its category, for example `17`.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl Display for AnyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.category, self.id)
    }
}

impl Id for AnyId {
    fn parse(text: &str) -> Result<Self, ParseIdError> {
        match text.split_once('/') {
            Some((category, id)) => Ok(Self::new(category, id)),
            None => Err(ParseIdError::new(text, "AnyId", "expected `category/id`")),
        }
    }
}
