//! From SQLSTATEs to the errors of the stores: the only place that reads them.
//!
//! The codes: <https://www.postgresql.org/docs/current/errcodes-appendix.html>. Texts are shown and
//! never read.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use cqrs_core::store::StoreError;

use crate::database::Fault;

const UNIQUE_VIOLATION: &str = "23505";
const SERIALIZATION_FAILURE: &str = "40001";
const DEADLOCK_DETECTED: &str = "40P01";
const READ_ONLY_TRANSACTION: &str = "25006";
const INVALID_PASSWORD: &str = "28P01";
const INVALID_AUTHORIZATION: &str = "28000";
const UNKNOWN_DATABASE: &str = "3D000";
const INSUFFICIENT_PRIVILEGE: &str = "42501";
const DISK_FULL: &str = "53100";
const TOO_MANY_CONNECTIONS: &str = "53300";
const LOCK_NOT_AVAILABLE: &str = "55P03";
const QUERY_CANCELED: &str = "57014";
const CANNOT_CONNECT_NOW: &str = "57P03";
const UNDEFINED_TABLE: &str = "42P01";
const FEATURE_NOT_SUPPORTED: &str = "0A000";
const PROTOCOL_VIOLATION: &str = "08P01";
const NO_SUCH_STATEMENT: &str = "26000";
const DUPLICATE_STATEMENT: &str = "42P05";
const DEPENDENT_OBJECTS: &str = "2BP01";

/// The constraints by which the database refuses what the append function should have seen.
const CONSTRAINTS: [&str; 2] = ["uq_events_stream_version", "uq_events_command"];

/// What to do where something between the program and the server lends out its sessions.
pub(crate) const BEHIND_POOLER: &str =
    "behind a pooler such as PgBouncer, add `cqrs_pooler=transaction` to the address";

/// What an error needs to say where it happened.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    pub(crate) store: &'a str,
    pub(crate) waited: Duration,
    pub(crate) operation: &'static str,
}

impl Place<'_> {
    pub(crate) fn fault(&self, fault: Fault) -> StoreError {
        match fault {
            Fault::Connect(error) => self.connect_error(error),
            Fault::Wait(waited) => self.unreachable(format!(
                "no connection became free, and none was opened, for {waited:?}; end what takes so long, or raise `max_connections`"
            )),
            Fault::Broken => self.connection_lost(),
            Fault::Refused(error) | Fault::Replaced(error) => self.error(error),
        }
    }

    /// Nothing was asked of the database yet.
    pub(crate) fn connect_error(&self, error: sqlx::Error) -> StoreError {
        let Some(code) = code(&error) else {
            return self.unreachable(match error {
                // It answers, and TLS has checked what.
                sqlx::Error::Io(error) if error.kind() == ErrorKind::InvalidData => format!(
                    "TLS does not trust the server: {error}; `sslrootcert` must name who has signed its certificate, and the certificate must name the host of the address"
                ),
                sqlx::Error::Io(error) => {
                    format!("the server cannot be reached: {error}; check that it runs, host and port, and the files that the address names")
                }
                error => error.to_string(),
            });
        };
        let what_to_do = match code.as_str() {
            INVALID_PASSWORD | INVALID_AUTHORIZATION => {
                "check user and password in the address, and the server's pg_hba.conf"
            }
            UNKNOWN_DATABASE => "create it (`createdb`), or correct the address",
            TOO_MANY_CONNECTIONS => {
                "lower `max_connections` of the programs, or raise the server's"
            }
            PROTOCOL_VIOLATION => BEHIND_POOLER,
            CANNOT_CONNECT_NOW => "the server is starting or stopping; wait",
            _ => "see the server's log",
        };
        self.unreachable(format!("{error}; {what_to_do}"))
    }

    pub(crate) fn error(&self, error: sqlx::Error) -> StoreError {
        if ends_connection(&error) {
            return self.connection_lost();
        }
        let Some(code) = code(&error) else {
            return self.failed(error);
        };
        match code.as_str() {
            NO_SUCH_STATEMENT | DUPLICATE_STATEMENT => {
                self.unreachable(format!("{error}; {BEHIND_POOLER}"))
            }
            LOCK_NOT_AVAILABLE | QUERY_CANCELED | SERIALIZATION_FAILURE | DEADLOCK_DETECTED => StoreError::Busy {
                store: self.store.to_owned(),
                waited: self.waited,
            },
            DISK_FULL => StoreError::Full { store: self.store.to_owned() },
            READ_ONLY_TRANSACTION => self.read_only(),
            // Nothing that was to be written is at fault: the class of insufficient resources.
            code if code.starts_with("53") => self.unreachable(error.to_string()),
            // Damaged data or index.
            code if code.starts_with("XX00") && code != "XX000" => self.damaged(error.to_string()),
            DEPENDENT_OBJECTS => self.failed(format!("{error}; drop what depends on it, or let it show the plain view")),
            INSUFFICIENT_PRIVILEGE => self.unreachable(format!(
                "{error}; grant the user what the guide lists, or open the database as the owner of its tables"
            )),
            _ => self.failed(error),
        }
    }

    pub(crate) fn read_only(&self) -> StoreError {
        self.unreachable(
            "the server takes no writes: it is a replica, or `default_transaction_read_only` is on; give the address of the primary",
        )
    }

    pub(crate) fn unreachable(&self, reason: impl Into<String>) -> StoreError {
        StoreError::Unreachable {
            store: self.store.to_owned(),
            reason: reason.into(),
        }
    }

    pub(crate) fn damaged(&self, reason: impl Into<String>) -> StoreError {
        StoreError::Damaged {
            store: self.store.to_owned(),
            reason: reason.into(),
        }
    }

    pub(crate) fn failed(
        &self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> StoreError {
        StoreError::Failed {
            store: self.store.to_owned(),
            operation: self.operation,
            source: Arc::from(source.into()),
        }
    }

    fn connection_lost(&self) -> StoreError {
        StoreError::ConnectionLost {
            store: self.store.to_owned(),
            operation: self.operation,
        }
    }
}

/// Whether the append was rolled back for what others did meanwhile, so that it may be sent again.
pub(crate) fn was_overtaken(fault: &Fault) -> bool {
    let Fault::Refused(error) = fault else {
        return false;
    };
    match code(error).as_deref() {
        Some(SERIALIZATION_FAILURE | DEADLOCK_DETECTED) => true,
        Some(UNIQUE_VIOLATION) => {
            let constraint = error
                .as_database_error()
                .and_then(|error| error.constraint());
            constraint.is_some_and(|name| CONSTRAINTS.contains(&name))
        }
        _ => false,
    }
}

/// Whether the connection is of no use after this error; what it was asked for may have been done.
pub(crate) fn ends_connection(error: &sqlx::Error) -> bool {
    match code(error) {
        // The server is shut down, crashed or ended this session; class 08 is the connection itself.
        Some(code) => {
            matches!(code.as_str(), "57P01" | "57P02" | "57P05" | "25P03") || code.starts_with("08")
        }
        None => matches!(
            error,
            sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::WorkerCrashed
        ),
    }
}

/// Whether a table was replaced or dropped since the statement was prepared: "cached plan must not change
/// result type" has the code of all that is not supported.
pub(crate) fn is_replaced(error: &sqlx::Error) -> bool {
    matches!(
        code(error).as_deref(),
        Some(UNDEFINED_TABLE | FEATURE_NOT_SUPPORTED)
    )
}

/// Whether the server refuses a connection only because it has so many.
pub(crate) fn is_crowded(error: &sqlx::Error) -> bool {
    code(error).as_deref() == Some(TOO_MANY_CONNECTIONS)
}

fn code(error: &sqlx::Error) -> Option<String> {
    let code = error.as_database_error()?.code()?;
    Some(code.into_owned())
}
