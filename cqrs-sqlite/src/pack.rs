//! Packed rows: many values in one text, since the driver's cost is by row and column.
//!
//! First numbers, each ended by a space; then ids and texts, whose lengths in bytes stand among the
//! numbers.

use std::str::FromStr;

use uuid::Uuid;

/// Reads a packed text from its beginning.
#[derive(Debug)]
pub(crate) struct Packed<'a> {
    rest: &'a str,
}

/// The text was not packed by us.
#[derive(Debug)]
pub(crate) struct Malformed;

impl<'a> Packed<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What stands before the next space; empty for NULL.
    pub(crate) fn word(&mut self) -> Result<&'a str, Malformed> {
        let bytes = self.rest.as_bytes();
        let end = bytes.iter().position(|byte| *byte == b' ');
        let end = end.ok_or(Malformed)?;
        let (word, rest) = self.rest.split_at(end);
        self.rest = &rest[1..];
        Ok(word)
    }

    /// A number; `None` for NULL.
    pub(crate) fn optional<T: FromStr>(&mut self) -> Result<Option<T>, Malformed> {
        match self.word()? {
            "" => Ok(None),
            number => number.parse().map(Some).map_err(|_| Malformed),
        }
    }

    pub(crate) fn number<T: FromStr>(&mut self) -> Result<T, Malformed> {
        self.optional()?.ok_or(Malformed)
    }

    /// A UUID as `hex` writes it.
    pub(crate) fn id(&mut self) -> Result<Uuid, Malformed> {
        Uuid::try_parse(self.text(32)?).map_err(|_| Malformed)
    }

    pub(crate) fn text(&mut self, length: usize) -> Result<&'a str, Malformed> {
        let (text, rest) = self.rest.split_at_checked(length).ok_or(Malformed)?;
        self.rest = rest;
        Ok(text)
    }
}
