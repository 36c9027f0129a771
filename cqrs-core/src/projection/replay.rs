//! ⑦ A view made from events in memory, without a store: what tests compare with.

use std::collections::{BTreeMap, BTreeSet};

use super::fold::PageFold;
use super::{FoldError, Projection};
use crate::event::StoredEvent;
use crate::view::{Key, LoadedRows, Row, Value};

/// The rows that these events make, in the order of their keys.
///
/// # Errors
///
/// [`FoldError`] for the first event that cannot be projected.
pub(crate) fn replay<P: Projection>(events: &[StoredEvent]) -> Result<Vec<P>, FoldError> {
    let column = |source| FoldError::Column { source };
    let mut rows: BTreeMap<P::Key, Row> = BTreeMap::new();
    for event in events {
        let mut fold = PageFold::<P>::default();
        fold.note(std::slice::from_ref(event))?;
        // One event at a time, over all rows: slow, and independent of how pages are made.
        let keys = fold.keys()?.into_iter().map(key_of::<P::Key>);
        let keys: BTreeSet<P::Key> = keys.collect::<Result<_, _>>()?;
        let keyed = keys.iter().filter_map(|key| rows.get(key)).cloned();
        let keyed = LoadedRows::Keyed(keyed.collect());
        let matching = LoadedRows::Matching(rows.values().cloned().collect());
        for part in [keyed, matching] {
            let changes = fold.fold(part)?;
            for row in changes.inserts.into_iter().chain(changes.updates) {
                let typed = P::from_row(row.clone()).map_err(column)?;
                rows.insert(typed.key().clone(), row);
            }
            for key in changes.deletes {
                rows.remove(&key_of::<P::Key>(key)?);
            }
        }
    }
    rows.into_values()
        .map(|row| P::from_row(row).map_err(column))
        .collect()
}

fn key_of<K: Key>(cell: Value) -> Result<K, FoldError> {
    K::from_value(cell).map_err(|source| FoldError::Column { source })
}
