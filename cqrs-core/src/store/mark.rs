//! ⑤ The mark: up to where a log with several writers is final, and who holds it back.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::stream::Position;

/// Up to where a log is final whose positions are drawn before they are committed.
///
/// Nothing behind the mark is read yet, since what was drawn before may still be committed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogMark {
    /// Every event at or below it is final.
    pub position: Position,
    /// The last position that a writer has drawn; what was rolled back stays drawn.
    pub drawn: Position,
    /// The oldest transaction that may still write behind the mark; `None` where none does.
    pub holder: Option<MarkHolder>,
}

/// A transaction that holds the mark back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct MarkHolder {
    /// The number of its process on the server; a prepared transaction has none.
    pub process: Option<i32>,
    /// What its program calls itself.
    pub application: Option<String>,
    /// The name of a prepared transaction, by which it can be committed or rolled back.
    pub prepared: Option<String>,
    /// When it began, by this machine's clock; or since when this program has seen it, where the database
    /// does not tell it of other roles' transactions.
    pub since: Option<DateTime<Utc>>,
}

impl LogMark {
    /// The mark at `position` of a log in which positions up to `drawn` were drawn.
    pub fn new(position: Position, drawn: Position) -> Self {
        Self {
            position,
            drawn,
            holder: None,
        }
    }

    /// How many positions are drawn and not final.
    pub fn behind(&self) -> u64 {
        self.drawn.get().saturating_sub(self.position.get())
    }
}

impl MarkHolder {
    /// For how long it has held the mark back; `None` where that is not known.
    pub fn held_for(&self) -> Option<Duration> {
        let held = Utc::now().signed_duration_since(self.since?);
        Some(held.to_std().unwrap_or_default())
    }
}

impl std::fmt::Display for MarkHolder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.prepared, self.process) {
            (Some(name), _) => write!(formatter, "the prepared transaction `{name}`")?,
            (None, Some(process)) => write!(formatter, "the transaction of process {process}")?,
            (None, None) => formatter.write_str("a transaction")?,
        }
        if let Some(application) = self.application.as_deref().filter(|name| !name.is_empty()) {
            write!(formatter, " of `{application}`")?;
        }
        match self.held_for() {
            Some(held) => write!(formatter, ", open for {} s", held.as_secs()),
            None => Ok(()),
        }
    }
}
