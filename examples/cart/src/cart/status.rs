//! How far a cart has come, for its decisions and its view alike.

use super::CartEvent;
use crate::column::text_column;

/// How far a cart has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CartStatus {
    /// It can be changed.
    #[default]
    Open,
    /// It was ordered.
    CheckedOut,
    /// It was given up.
    Cancelled,
}

text_column!(CartStatus {
    Open => "open",
    CheckedOut => "checked_out",
    Cancelled => "cancelled",
});

impl CartStatus {
    /// What it is after the event.
    #[must_use]
    pub fn after(self, event: &CartEvent) -> Self {
        match event {
            CartEvent::CheckedOut { .. } => CartStatus::CheckedOut,
            CartEvent::Cancelled => CartStatus::Cancelled,
            CartEvent::ItemAdded { .. }
            | CartEvent::QuantityChanged { .. }
            | CartEvent::ItemRemoved { .. } => self,
        }
    }
}
