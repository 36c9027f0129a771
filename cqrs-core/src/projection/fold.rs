//! ⑦ The fold of a page: decode, note the keys, change the rows.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::scope::Scope;
use super::{Projection, Rows};
use crate::event::{DecodeError, StoredEvent};
use crate::query::Changed;
use crate::view::{ColumnError, LoadedRows, RowChanges, Value, ViewRowFilter};

/// Why an event cannot be projected.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum FoldError {
    /// The event cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// `insert` met a row with the same key.
    #[error("`insert` of the key {key}, which has a row already; use `upsert`, or another key")]
    RowExists {
        /// The key.
        key: String,
    },
    /// `project` touched a key that it had not named the first time it was called.
    #[error(
        "`project` is not pure: it touched the key {key} only when the rows were loaded; keys may depend on the event alone"
    )]
    Impure {
        /// The key.
        key: String,
    },
    /// A change gave a row another key.
    #[error("a change gave the row of {key} another key; delete the row and insert the other one")]
    KeyChanged {
        /// The key that it had.
        key: String,
    },
    /// A cell holds what no store can keep.
    #[error(transparent)]
    Column {
        /// Which column, and why.
        source: ColumnError,
    },
    /// The user's code panicked.
    #[error("{what} panicked: {message}")]
    Panicked {
        /// Which code.
        what: &'static str,
        /// The panic's message.
        message: String,
    },
}

/// A page of events over the rows of one view.
pub(crate) struct PageFold<P: Projection> {
    inputs: Vec<(usize, P::Input)>,
    rows: Rows<P>,
    /// The place in the page of the event that failed, where one is known to be guilty.
    failed: Option<usize>,
    /// Which event, by its place in the page, touches which held key.
    held: Vec<(usize, String)>,
}

impl<P: Projection> Default for PageFold<P> {
    fn default() -> Self {
        Self::scoped(Scope::ALL)
    }
}

impl<P: Projection> PageFold<P> {
    /// A fold over the rows of the scope.
    pub(super) fn scoped(scope: Scope) -> Self {
        Self {
            inputs: Vec::new(),
            rows: Rows::noting(scope),
            failed: None,
            held: Vec::new(),
        }
    }

    /// Decodes the events and notes which rows they touch.
    pub(super) fn note(&mut self, events: &[StoredEvent]) -> Result<(), FoldError> {
        for (place, event) in events.iter().enumerate() {
            match guarded("an event's decoding", || Ok(P::decode(event)?)) {
                Ok(Some(input)) => self.inputs.push((place, input)),
                Ok(None) => {}
                Err(error) => {
                    self.failed = Some(place);
                    return Err(error);
                }
            }
        }
        self.dispatch()
    }

    pub(super) fn keys(&self) -> Result<Vec<Value>, FoldError> {
        self.rows.touched_keys()
    }

    pub(super) fn filters(&self) -> Vec<ViewRowFilter> {
        self.rows.filters().to_vec()
    }

    /// The keys that are touched, as the texts of holds, without those that are held.
    pub(super) fn touched(&self) -> Vec<String> {
        self.rows.touched()
    }

    pub(super) fn held(&self) -> &[(usize, String)] {
        &self.held
    }

    /// Changes the loaded rows, from the first event on.
    pub(super) fn fold(&mut self, rows: LoadedRows) -> Result<RowChanges, FoldError> {
        let cells = "a column's conversion";
        guarded(cells, || self.rows.load(rows))?;
        self.dispatch()?;
        guarded(cells, || self.rows.changes())
    }

    pub(super) fn failed(&self) -> Option<usize> {
        self.failed
    }

    pub(super) fn skipped(&self) -> u64 {
        self.rows.skipped()
    }

    pub(super) fn changed(&self) -> Changed<P::Key> {
        match self.rows.changed_keys() {
            Some(keys) => Changed::Keys(keys),
            None => Changed::Unknown,
        }
    }

    fn dispatch(&mut self) -> Result<(), FoldError> {
        self.failed = None;
        self.held.clear();
        for (place, input) in &self.inputs {
            let rows = &mut self.rows;
            let dispatched = guarded("`project`", || {
                P::dispatch(input, rows);
                rows.take_fault().map_or(Ok(()), Err)
            });
            let held = self.rows.take_held();
            self.held.extend(held.into_iter().map(|key| (*place, key)));
            if let Err(fault) = dispatched {
                self.failed = Some(*place);
                return Err(fault);
            }
        }
        Ok(())
    }
}

/// Runs the user's code; a panic is an error. What it changed so far is thrown away by the caller,
/// so nothing half-changed is seen.
fn guarded<T>(
    what: &'static str,
    code: impl FnOnce() -> Result<T, FoldError>,
) -> Result<T, FoldError> {
    catch_unwind(AssertUnwindSafe(code)).unwrap_or_else(|panic| {
        let message = crate::panic::message(panic.as_ref());
        Err(FoldError::Panicked { what, message })
    })
}
