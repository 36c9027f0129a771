//! ⑦ Which rows a fold may touch, while events are held for some of them.

use std::collections::HashSet;
use std::sync::Arc;

use super::Projection;
use super::dead_letter::HoldKey;
use crate::view::{ColumnSchema, ColumnType};

/// Which rows a fold may touch. Keys stand here as the texts of holds.
#[derive(Debug, Clone, Default)]
pub(crate) enum Scope {
    #[default]
    All,
    /// All but those for which events are held.
    Without(ColumnSchema, Arc<HashSet<String>>),
    /// One of those, whose events are replayed.
    Only(ColumnSchema, String),
}

impl Scope {
    pub(crate) fn without<P: Projection>(held: &Arc<HashSet<String>>) -> Self {
        match held.is_empty() {
            true => Scope::All,
            false => Scope::Without(P::schema().key_column().clone(), Arc::clone(held)),
        }
    }

    pub(crate) fn only<P: Projection>(key: &str) -> Self {
        Scope::Only(P::schema().key_column().clone(), key.to_owned())
    }

    /// The text of a key for which events are held.
    pub(super) fn held<P: Projection>(&self, key: &P::Key) -> Option<String> {
        match self {
            Scope::Without(column, held) => text(column, key).filter(|text| held.contains(text)),
            Scope::All | Scope::Only(..) => None,
        }
    }

    /// Whether the row with this key may be touched.
    pub(super) fn has<P: Projection>(&self, key: &P::Key) -> bool {
        match self {
            Scope::All => true,
            Scope::Without(..) => self.held::<P>(key).is_none(),
            Scope::Only(column, only) => text(column, key).is_some_and(|text| text == *only),
        }
    }

    /// Every key for which events are held.
    pub(super) fn every_held(&self) -> impl Iterator<Item = &String> {
        let held = match self {
            Scope::Without(_, held) => Some(held),
            Scope::All | Scope::Only(..) => None,
        };
        held.into_iter().flat_map(|held| held.iter())
    }
}

/// A key that no store can hold has no text, and fails where it is written.
pub(super) fn text<K: ColumnType>(column: &ColumnSchema, key: &K) -> Option<String> {
    let value = column.admit(key.to_value().ok()?).ok()?;
    Some(HoldKey::of_row(&value))
}
