//! ⑦ The fold of a page: decode, note the keys, change the rows.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Projection, Rows};
use crate::event::{DecodeError, StoredEvent};
use crate::view::{ColumnError, Row, RowChanges, Value, ViewRowFilter};

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
    /// `project` panicked.
    #[error("`project` panicked: {message}")]
    Panicked {
        /// The panic's message.
        message: String,
    },
}

/// A page of events over the rows of one view.
pub(super) struct PageFold<P: Projection> {
    inputs: Vec<(usize, P::Input)>,
    rows: Rows<P>,
    /// The place in the page of the event that failed, where one is known to be guilty.
    failed: Option<usize>,
}

impl<P: Projection> PageFold<P> {
    pub(super) fn new() -> Self {
        Self {
            inputs: Vec::new(),
            rows: Rows::noting(),
            failed: None,
        }
    }

    /// Decodes the events and notes which rows they touch.
    pub(super) fn note(&mut self, events: &[StoredEvent]) -> Result<(), FoldError> {
        for (place, event) in events.iter().enumerate() {
            match P::decode(event) {
                Ok(Some(input)) => self.inputs.push((place, input)),
                Ok(None) => {}
                Err(error) => {
                    self.failed = Some(place);
                    return Err(error.into());
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

    /// Changes the loaded rows, from the first event on.
    pub(super) fn fold(&mut self, rows: Vec<Row>) -> Result<RowChanges, FoldError> {
        self.rows.load(rows)?;
        self.dispatch()?;
        self.rows.changes()
    }

    pub(super) fn failed(&self) -> Option<usize> {
        self.failed
    }

    pub(super) fn skipped(&self) -> u64 {
        self.rows.skipped()
    }

    pub(super) fn changed_keys(&self) -> Vec<P::Key> {
        self.rows.changed_keys()
    }

    fn dispatch(&mut self) -> Result<(), FoldError> {
        self.failed = None;
        for (place, input) in &self.inputs {
            let rows = &mut self.rows;
            // The rows are thrown away after a panic, so nothing half-changed is seen.
            let dispatched = catch_unwind(AssertUnwindSafe(|| P::dispatch(input, rows)));
            let fault = match dispatched {
                Ok(()) => self.rows.take_fault(),
                Err(panic) => Some(FoldError::Panicked {
                    message: message(panic.as_ref()),
                }),
            };
            if let Some(fault) = fault {
                self.failed = Some(*place);
                return Err(fault);
            }
        }
        Ok(())
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "no message".to_owned())
}
