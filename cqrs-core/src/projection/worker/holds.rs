//! ⑦ The keys for which events are held, as the worker that holds the lease knows them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::event::StoredEvent;
use crate::projection::dead_letter::HoldKey;
use crate::stream::{Position, StreamId};
use crate::view::{HeldEvent, Hold};

/// How many events of a page may be held for how many keys at once: it bounds the memory.
const HELD_AT_ONCE: usize = 100_000;

/// The held keys; their events stay in the store.
#[derive(Debug, Default)]
pub(crate) struct Holds {
    rows: Arc<HashSet<String>>,
    /// From which position on the events of a stream are held.
    streams: HashMap<String, Position>,
}

impl Holds {
    pub(crate) fn load(holds: Vec<Hold>) -> Self {
        let mut loaded = Self::default();
        for hold in holds {
            loaded.add(&HeldEvent::new(hold.key, hold.first));
        }
        loaded
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.streams.is_empty()
    }

    pub(crate) fn rows(&self) -> &Arc<HashSet<String>> {
        &self.rows
    }

    pub(crate) fn add(&mut self, event: &HeldEvent) {
        if HoldKey::is_stream(&event.key) {
            let first = self
                .streams
                .entry(event.key.clone())
                .or_insert(event.position);
            *first = event.position.min(*first);
        } else if !self.rows.contains(&event.key) {
            Arc::make_mut(&mut self.rows).insert(event.key.clone());
        }
    }

    /// Nothing is held for the key any more.
    pub(crate) fn remove(&mut self, key: &str) {
        if self.streams.remove(key).is_none() && self.rows.contains(key) {
            Arc::make_mut(&mut self.rows).remove(key);
        }
    }

    /// The first event that is held for the stream is behind this position now.
    pub(crate) fn advance(&mut self, key: &str, position: Position) {
        if let Some(first) = self.streams.get_mut(key) {
            *first = Position::new(position.get() + 1).max(*first);
        }
    }

    pub(crate) fn holds_stream(&self, stream: &StreamId, position: Position) -> bool {
        if self.streams.is_empty() {
            return false;
        }
        let first = self.streams.get(&HoldKey::of_stream(stream));
        first.is_some_and(|first| *first <= position)
    }

    /// How many events come before the first one whose stream is held.
    pub(crate) fn before_held_stream(&self, events: &[StoredEvent]) -> usize {
        let held = |event: &StoredEvent| self.holds_stream(&event.stream, event.position);
        events.iter().position(held).unwrap_or(events.len())
    }

    /// How many events may be looked at in one go.
    pub(crate) fn at_once(&self) -> usize {
        match self.rows.len() {
            0 => usize::MAX,
            rows => (HELD_AT_ONCE / rows).max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page that was noted ahead is noted whole.
    #[test]
    fn without_held_keys_a_page_is_never_cut() {
        assert_eq!(Holds::default().at_once(), usize::MAX);
    }
}
