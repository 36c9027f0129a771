//! ⑧ Full-text search: what a store is asked, and which words a text has.
//!
//! Texts are cut into words here, for what is stored and for what is asked, so that every store
//! compares the same words and none sees what a person typed.

mod phrase;
mod rank;
mod word;

pub use self::phrase::Phrase;
pub(crate) use self::rank::ranked;
pub(super) use self::word::WORDS_VERSION;
pub use self::word::{Word, words};

use self::phrase::phrases;
use super::ViewRowFilter;

/// A full-text search in a view.
///
/// A row fits where it passes the filters and each phrase stands somewhere in its full-text columns,
/// whichever column that is. Rows are ordered by BM25 over all these columns together.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ViewSearch {
    /// What the texts must have, all of it.
    pub phrases: Vec<Phrase>,
    /// What the rows must satisfy besides, all of it.
    pub filters: Vec<ViewRowFilter>,
    /// How many rows at the most.
    pub limit: usize,
}

impl ViewSearch {
    /// The best `limit` rows for what a person typed; filters are set afterwards.
    pub fn best(limit: usize, text: &str) -> Self {
        Self {
            phrases: phrases(text),
            filters: Vec::new(),
            limit,
        }
    }
}
