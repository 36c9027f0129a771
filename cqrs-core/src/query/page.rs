//! ⑨ Pages: some rows, and where the next ones are.

use super::Cursor;

/// Some rows of a view, in the asked order, and the cursor of the next page.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Page<P> {
    /// The rows.
    pub rows: Vec<P>,
    /// Where the next page begins; `None` after the last one.
    pub next: Option<Cursor>,
}

impl<P> Page<P> {
    pub(super) fn new(rows: Vec<P>, next: Option<Cursor>) -> Self {
        Self { rows, next }
    }

    /// Its rows by reference.
    pub fn iter(&self) -> std::slice::Iter<'_, P> {
        self.rows.iter()
    }
}

impl<P> IntoIterator for Page<P> {
    type Item = P;
    type IntoIter = std::vec::IntoIter<P>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.into_iter()
    }
}

impl<'a, P> IntoIterator for &'a Page<P> {
    type Item = &'a P;
    type IntoIter = std::slice::Iter<'a, P>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.iter()
    }
}
