//! ⑦ Which rows a fold may touch: those of its partition, while events are held for some of them.

use std::collections::HashSet;
use std::sync::Arc;

use super::dead_letter::HoldKey;
use super::{Partition, Projection};
use crate::view::{ColumnSchema, ColumnType};

/// Which rows a fold may touch. Keys stand here as the texts of holds.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    partition: Partition,
    rows: ScopedRows,
    /// The key's column, where keys are told apart by their texts.
    column: Option<ColumnSchema>,
}

#[derive(Debug, Clone)]
enum ScopedRows {
    All,
    /// All but those for which events are held.
    Without(Arc<HashSet<String>>),
    /// One of those, whose events are replayed.
    Only(String),
}

impl Scope {
    pub(super) const ALL: Self = Self {
        partition: Partition::WHOLE,
        rows: ScopedRows::All,
        column: None,
    };

    /// The rows of a partition but those for which events are held.
    pub(crate) fn of<P: Projection>(partition: Partition, held: &Arc<HashSet<String>>) -> Self {
        let rows = match held.is_empty() {
            true if partition.is_whole() => return Self::ALL,
            true => ScopedRows::All,
            false => ScopedRows::Without(Arc::clone(held)),
        };
        Self {
            partition,
            rows,
            column: Some(P::schema().key_column().clone()),
        }
    }

    pub(crate) fn only<P: Projection>(key: &str) -> Self {
        Self {
            partition: Partition::WHOLE,
            rows: ScopedRows::Only(key.to_owned()),
            column: Some(P::schema().key_column().clone()),
        }
    }

    /// The one row that it is about, if it is about one.
    pub(super) fn single(&self) -> Option<(&ColumnSchema, &str)> {
        match (&self.rows, &self.column) {
            (ScopedRows::Only(key), Some(column)) => Some((column, key)),
            _ => None,
        }
    }

    /// The text of a key of the partition for which events are held.
    pub(super) fn held<P: Projection>(&self, key: &P::Key) -> Option<String> {
        match &self.rows {
            ScopedRows::Without(held) => self
                .text::<P>(key)
                .filter(|text| self.partition.has(text) && held.contains(text)),
            ScopedRows::All | ScopedRows::Only(_) => None,
        }
    }

    /// Whether the row with this key may be touched.
    pub(super) fn has<P: Projection>(&self, key: &P::Key) -> bool {
        if self.column.is_none() {
            return true;
        }
        // One that no store can hold fails where it is written, once.
        let text = self.text::<P>(key).unwrap_or_default();
        self.partition.has(&text)
            && match &self.rows {
                ScopedRows::All => true,
                ScopedRows::Without(held) => !held.contains(&text),
                ScopedRows::Only(only) => text == *only,
            }
    }

    /// Whether a row that is stored belongs to the partition.
    pub(super) fn has_stored(&self, key: &str) -> bool {
        self.partition.has(key)
    }

    /// Every key for which events are held.
    pub(super) fn every_held(&self) -> impl Iterator<Item = &String> {
        let held = match &self.rows {
            ScopedRows::Without(held) => Some(held),
            ScopedRows::All | ScopedRows::Only(_) => None,
        };
        held.into_iter().flat_map(|held| held.iter())
    }

    fn text<P: Projection>(&self, key: &P::Key) -> Option<String> {
        text(self.column.as_ref()?, key)
    }
}

/// A key that no store can hold has no text, and fails where it is written.
pub(super) fn text<K: ColumnType>(column: &ColumnSchema, key: &K) -> Option<String> {
    let value = column.admit(key.to_value().ok()?).ok()?;
    Some(HoldKey::of_row(&value))
}
