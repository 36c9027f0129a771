//! Statements with their parameters, and numbers as SQLite keeps them.

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteArguments;
use sqlx::{Sqlite, query::Query};
use uuid::Uuid;

/// A statement, or several separated by semicolons, with its parameters.
pub(crate) type Statement<'q> = Query<'q, Sqlite, SqliteArguments>;

/// SQLite's integers end at 2^63 - 1, which no version and no position reaches.
pub(crate) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The way back: what is stored was never negative.
pub(crate) fn number(integer: i64) -> u64 {
    u64::try_from(integer).unwrap_or(0)
}

pub(crate) fn microseconds(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros()
}

pub(crate) fn blob(id: Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}
