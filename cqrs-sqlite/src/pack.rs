//! Packed rows: many values in one text, since the driver's cost is by row and column.
//!
//! First numbers and ids, each ended by a space; then texts, whose lengths in bytes stand among the
//! numbers.

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
        let (word, rest) = self.rest.split_once(' ').ok_or(Malformed)?;
        self.rest = rest;
        Ok(word)
    }

    pub(crate) fn number<T: std::str::FromStr>(&mut self) -> Result<T, Malformed> {
        self.word()?.parse().map_err(|_| Malformed)
    }

    /// A length in bytes; `None` for NULL.
    pub(crate) fn length(&mut self) -> Result<Option<usize>, Malformed> {
        match self.word()? {
            "" => Ok(None),
            length => length.parse().map(Some).map_err(|_| Malformed),
        }
    }

    pub(crate) fn id(&mut self) -> Result<Uuid, Malformed> {
        Uuid::try_parse(self.word()?).map_err(|_| Malformed)
    }

    pub(crate) fn optional_id(&mut self) -> Result<Option<Uuid>, Malformed> {
        match self.word()? {
            "" => Ok(None),
            id => Uuid::try_parse(id).map(Some).map_err(|_| Malformed),
        }
    }

    pub(crate) fn text(&mut self, length: usize) -> Result<&'a str, Malformed> {
        let (text, rest) = self.rest.split_at_checked(length).ok_or(Malformed)?;
        self.rest = rest;
        Ok(text)
    }
}
