//! From SQLite's result codes to the errors of the stores: the only place that reads them.
//!
//! The codes: <https://www.sqlite.org/rescode.html>. Texts are shown and never read.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cqrs_core::store::StoreError;

const PERM: i32 = 3;
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const NOMEM: i32 = 7;
const READONLY: i32 = 8;
const IOERR: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const PROTOCOL: i32 = 15;
const CONSTRAINT: i32 = 19;
const NOTADB: i32 = 26;
const IOERR_FSYNC: i32 = 10 | (4 << 8);
const READONLY_DBMOVED: i32 = 8 | (4 << 8);

/// What an error needs to say where it happened.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    pub(crate) path: &'a Path,
    pub(crate) waited: Duration,
    pub(crate) operation: &'static str,
}

impl Place<'_> {
    /// The file, as every message names it.
    pub(crate) fn store(&self) -> String {
        format!("the SQLite file `{}`", self.path.display())
    }

    pub(crate) fn error(&self, error: sqlx::Error) -> StoreError {
        let store = self.store();
        let Some(code) = code(&error) else {
            return self.driver_error(error);
        };
        match code {
            IOERR_FSYNC => StoreError::ConnectionLost {
                store,
                operation: self.operation,
            },
            READONLY_DBMOVED => self.unreachable("it was moved or deleted while it was open"),
            _ => match code & 0xff {
                // SQLITE_PROTOCOL is a lost race for the lock of the write-ahead log.
                BUSY | LOCKED | PROTOCOL => StoreError::Busy {
                    store,
                    waited: self.waited,
                },
                FULL => StoreError::Full { store },
                READONLY | PERM => StoreError::ReadOnly { store },
                CANTOPEN => self.cannot_open(),
                NOTADB => StoreError::Foreign {
                    store,
                    expected: "an SQLite database",
                },
                CORRUPT => self.damaged(error.to_string()),
                // Nothing that was to be written is at fault.
                IOERR | NOMEM => self.unreachable(error.to_string()),
                _ => self.failed(error),
            },
        }
    }

    pub(crate) fn unreachable(&self, reason: impl Into<String>) -> StoreError {
        StoreError::Unreachable {
            store: self.store(),
            reason: reason.into(),
        }
    }

    pub(crate) fn damaged(&self, reason: impl Into<String>) -> StoreError {
        StoreError::Damaged {
            store: self.store(),
            reason: reason.into(),
        }
    }

    pub(crate) fn failed(
        &self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> StoreError {
        StoreError::Failed {
            store: self.store(),
            operation: self.operation,
            source: Arc::from(source.into()),
        }
    }

    /// The file system knows better than SQLite why a file cannot be opened.
    pub(crate) fn io_error(&self, error: &std::io::Error) -> StoreError {
        match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly {
                store: self.store(),
            },
            ErrorKind::IsADirectory => self.unreachable("it is a folder; name a file in it"),
            ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
                self.unreachable("a part of its path is a file and not a folder")
            }
            _ => self.unreachable(error.to_string()),
        }
    }

    fn cannot_open(&self) -> StoreError {
        let mut options = std::fs::OpenOptions::new();
        match options.read(true).append(true).open(self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => StoreError::ReadOnly {
                store: self.store(),
            },
            Err(error) => self.io_error(&error),
            Ok(_) => self.unreachable("SQLite cannot open it, or the -wal file beside it"),
        }
    }

    fn driver_error(&self, error: sqlx::Error) -> StoreError {
        match error {
            sqlx::Error::WorkerCrashed => StoreError::ConnectionLost {
                store: self.store(),
                operation: self.operation,
            },
            sqlx::Error::Io(error) => self.io_error(&error),
            error => self.failed(error),
        }
    }
}

/// Whether a row was refused by a constraint: the expected version, or a command that is repeated.
pub(crate) fn is_constraint(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| code & 0xff == CONSTRAINT)
}

/// Whether another process holds a lock.
pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| matches!(code & 0xff, BUSY | LOCKED | PROTOCOL))
}

fn code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}
