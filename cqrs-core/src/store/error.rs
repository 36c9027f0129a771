//! ⑤ What can go wrong between a store and its database.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// A database failed. The same for event stores and view stores; nothing is half-written.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process holds the database's lock for too long.
    #[error(
        "{store} has been locked by another process for {waited:?}; end that process or its transaction, then try again"
    )]
    Busy {
        /// The file or address.
        store: String,
        /// How long was waited.
        waited: Duration,
    },
    /// There is no space left.
    #[error("{store}: the disk is full; make room and try again, nothing was written")]
    Full {
        /// The file or address.
        store: String,
    },
    /// The database may not be written.
    #[error(
        "{store} cannot be written: it, or the folder it is in, is read-only; change its permissions or choose another place"
    )]
    ReadOnly {
        /// The file or address.
        store: String,
    },
    /// The database cannot be opened or reached.
    #[error("{store} cannot be opened: {reason}")]
    Unreachable {
        /// The file or address.
        store: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// What is there is not a database of this kind.
    #[error("{store} is not {expected}; choose another place, it was left as it is")]
    Foreign {
        /// The file or address.
        store: String,
        /// What was expected, for example `an SQLite database`.
        expected: &'static str,
    },
    /// A newer version of the framework made the schema.
    #[error(
        "{store} was written by a newer version: its schema is {found}, this program knows up to {known}; run a newer build"
    )]
    NewerSchema {
        /// The file or address.
        store: String,
        /// The version found.
        found: u64,
        /// The newest version that this program knows.
        known: u64,
    },
    /// The database says that its content is damaged.
    #[error("{store} is damaged: {reason}; restore it from a backup")]
    Damaged {
        /// The file or address.
        store: String,
        /// What does not hold.
        reason: String,
    },
    /// The store cannot do what was asked of it.
    #[error("{store}: {reason}")]
    Unsupported {
        /// The file or address.
        store: String,
        /// What it cannot do, and what to do instead.
        reason: String,
    },
    /// It is not known whether the last write was stored.
    #[error("{store}: the connection was lost during `{operation}`")]
    ConnectionLost {
        /// The file or address.
        store: String,
        /// What was being done.
        operation: &'static str,
    },
    /// The database refused for another reason.
    #[error("{store}: `{operation}` failed")]
    Failed {
        /// The file or address.
        store: String,
        /// What was being done.
        operation: &'static str,
        /// What the database says.
        #[source]
        source: Arc<dyn Error + Send + Sync>,
    },
}

impl StoreError {
    /// Whether the same call may succeed later without anybody changing the program or its data.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            StoreError::Busy { .. }
                | StoreError::Full { .. }
                | StoreError::ConnectionLost { .. }
                | StoreError::Unreachable { .. }
        )
    }

    /// The whole story in one line: this error and every cause below it.
    pub fn full_text(&self) -> String {
        full_text(self)
    }
}

/// `Debug` as the whole story in one line: it is what Rust prints when `main` returns an error.
macro_rules! debug_as_text {
    ($error:ty $(, $parameter:ident)?) => {
        impl$(<$parameter: std::error::Error + 'static>)? std::fmt::Debug for $error {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&$crate::store::full_text(self))
            }
        }
    };
}
pub(crate) use debug_as_text;

/// An error and its causes, joined by colons.
pub(crate) fn full_text(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
