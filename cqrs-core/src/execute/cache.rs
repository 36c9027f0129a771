//! ② The aggregate cache: states of recent streams, so that a warm command need not load.
//!
//! Correctness never rests on it: an append carries the version that was decided on, and what is
//! answered without an append is checked against the store first.

use std::any::{Any, TypeId};
use std::sync::Arc;

use quick_cache::sync::Cache;
use tokio::sync::Mutex;

use super::Loaded;
use crate::aggregate::Aggregate;
use crate::stream::StreamId;

/// A stream's state while nobody works on it; commands on one stream queue up here, which is
/// cheaper than letting them conflict.
pub(super) type Slot<A> = Arc<Mutex<Option<Loaded<A>>>>;

pub(super) struct AggregateCache {
    slots: Cache<(TypeId, StreamId), Arc<dyn Any + Send + Sync>>,
}

impl std::fmt::Debug for AggregateCache {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("AggregateCache")
            .finish_non_exhaustive()
    }
}

impl AggregateCache {
    pub(super) fn new(aggregates: usize) -> Self {
        Self {
            slots: Cache::new(aggregates),
        }
    }

    pub(super) fn slot<A: Aggregate>(&self, stream: &StreamId) -> Slot<A> {
        let key = (TypeId::of::<A>(), stream.clone());
        let new =
            || Ok::<_, std::convert::Infallible>(Arc::new(Mutex::new(None::<Loaded<A>>)) as _);
        let Ok(slot) = self.slots.get_or_insert_with(&key, new);
        // The key holds the type, so the downcast cannot fail; a fresh slot would be right as well.
        slot.downcast().unwrap_or_default()
    }
}
