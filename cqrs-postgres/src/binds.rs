//! Statements with their parameters, and numbers as Postgres keeps them.

use std::sync::Arc;
use std::time::Duration;

use sqlx::{AssertSqlSafe, query};

use crate::database::Statement;

/// Longer than anybody holds a lease, and far from where Postgres' intervals end.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

pub(crate) fn statement<'q>(text: &Arc<str>) -> Statement<'q> {
    query(AssertSqlSafe(Arc::clone(text)))
}

/// Postgres' integers end at 2^63 - 1, which no version and no position reaches.
pub(crate) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The way back: what is stored was never negative.
pub(crate) fn number(integer: i64) -> u64 {
    u64::try_from(integer).unwrap_or(0)
}

pub(crate) fn microseconds(time: Duration) -> i64 {
    i64::try_from(time.min(LONGEST).as_micros()).unwrap_or(i64::MAX)
}
