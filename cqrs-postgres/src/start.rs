//! What must hold before the log is read or written.

use cqrs_core::store::StoreError;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, query_as};

use crate::database::Session;
use crate::error::{BEHIND_POOLER, Place};
use crate::schema::Schema;
use crate::sql::{self, Statements};

/// The oldest server that has what the migrations use.
const OLDEST: i32 = 130_000;

/// Version, encoding, whether it is a replica, whether it refuses writes, whether commits are on disk,
/// whether it has the settings that the connection was opened with.
type Server = (i32, String, bool, bool, bool, bool);

/// Cache, increment and cycle of the sequence, the largest position in the log, the last one drawn.
type Log = (i64, i64, bool, i64, i64);

/// Refuses a server that cannot keep what is promised.
pub(crate) async fn check_server(
    connection: &mut PgConnection,
    session: &Session,
    place: &Place<'_>,
) -> Result<(), StoreError> {
    let server: Server = query_as(sql::CHECK_SERVER)
        .persistent(false)
        .fetch_one(connection)
        .await
        .map_err(|error| place.error(error))?;
    let (version, encoding, is_replica, is_read_only, is_durable, is_set) = server;
    if version < OLDEST {
        let major = version / 10_000;
        return Err(place.unreachable(format!(
            "the server is Postgres {major}; 13 or later is needed"
        )));
    }
    if encoding != "UTF8" {
        return Err(place.unreachable(format!(
            "its encoding is {encoding}; create a database with `ENCODING 'UTF8'`"
        )));
    }
    if is_replica || is_read_only {
        return Err(place.read_only());
    }
    if session.is_own() && !is_set {
        return Err(place.unreachable(format!(
            "the settings that the connection was opened with did not reach the server; {BEHIND_POOLER}"
        )));
    }
    if !is_durable {
        tracing::warn!(
            database = place.store,
            "`fsync` or `synchronous_commit` is off: a crash of the server may lose acknowledged commands"
        );
    }
    Ok(())
}

/// Refuses a log whose positions would not be in order, or be given twice.
pub(crate) async fn check_log(
    connection: &mut PgConnection,
    sql: &Statements,
    schema: &Schema,
    place: &Place<'_>,
) -> Result<(), StoreError> {
    let log: Option<Log> = query_as(AssertSqlSafe(sql.check_log.as_ref()))
        .persistent(false)
        .fetch_optional(connection)
        .await
        .map_err(|error| place.error(error))?;
    let sequence = schema.fill("{schema}.events_position_seq");
    let Some((cache, increment, cycles, largest, last)) = log else {
        return Err(place.damaged(format!("the sequence {sequence} is gone")));
    };
    if cache != 1 || increment != 1 || cycles {
        return Err(place.unreachable(format!(
            "the sequence {sequence} would give positions out of order; run `ALTER SEQUENCE {sequence} INCREMENT BY 1 CACHE 1 NO CYCLE`"
        )));
    }
    if last < largest {
        return Err(place.unreachable(format!(
            "the sequence {sequence} stands at {last}, before the log's last position {largest}, and would give positions again; run `SELECT setval('{sequence}', {largest})`"
        )));
    }
    Ok(())
}
