//! A stream's row says where the stream ends in the log, whatever a batch had of new and old streams.

#![allow(clippy::unwrap_used)]

mod common;

use cqrs_core::store::{Append, AppendError, Conflict, EventAppender};
use cqrs_core::stream::Expected;
use cqrs_postgres::PostgresEventStore;
use postgres_server::Database;
use sqlx::{Executor, Row};

use common::{append, open, stream};

/// Rows that do not say what the log says.
const WRONG: &str = "
    SELECT count(*)
    FROM cqrs.streams AS streams
    CROSS JOIN LATERAL (
        SELECT coalesce(max(version), 0) AS version, max(recorded_at) AS recorded_at
        FROM cqrs.events AS events
        WHERE events.category = streams.category AND events.stream_id = streams.stream_id
    ) AS log
    WHERE (streams.version, streams.recorded_at) IS DISTINCT FROM (log.version, log.recorded_at)";

async fn versions(events: &PostgresEventStore, batch: &[Append]) -> Vec<Result<u64, Conflict>> {
    let answers = events.append(batch).await.unwrap();
    let version = |answer: Result<cqrs_core::store::Appended, AppendError>| match answer {
        Ok(appended) => Ok(appended.streams[0].version),
        Err(AppendError::Conflict(conflict)) => Err(conflict),
        Err(error) => panic!("{error}"),
    };
    answers.into_iter().map(version).collect()
}

async fn assert_rows_are_right(database: &Database) {
    let mut raw = database.connect().await.unwrap();
    let wrong: i64 = raw.fetch_one(WRONG).await.unwrap().get(0);
    assert_eq!(wrong, 0);
}

fn conflict(id: &str, expected: Expected, actual: u64) -> Conflict {
    let stream = stream(id);
    Conflict {
        stream,
        expected,
        actual,
    }
}

#[tokio::test]
async fn of_new_streams_alone() {
    let (postgres, database) = open().await;
    let batch = [
        append("b", Expected::NoStream, 2),
        append("a", Expected::Any, 1),
    ];
    assert_eq!(versions(&postgres.events(), &batch).await, [Ok(2), Ok(1)]);
    assert_rows_are_right(&database).await;
}

#[tokio::test]
async fn of_new_and_old_streams() {
    let (postgres, database) = open().await;
    let events = postgres.events();
    events
        .append(&[append("old", Expected::NoStream, 3)])
        .await
        .unwrap();
    events
        .append(&[append("older", Expected::NoStream, 5)])
        .await
        .unwrap();
    let batch = [
        append("new", Expected::NoStream, 2),
        append("old", Expected::NoStream, 4),
        append("older", Expected::Any, 1),
        append("newer", Expected::Any, 3),
        append("absent", Expected::Exact(1), 1),
    ];
    let answers = versions(&events, &batch).await;
    let taken = conflict("old", Expected::NoStream, 3);
    let absent = conflict("absent", Expected::Exact(1), 0);
    assert_eq!(answers, [Ok(2), Err(taken), Ok(6), Ok(3), Err(absent)]);
    assert_rows_are_right(&database).await;
}

#[tokio::test]
async fn of_members_that_meet_on_a_stream() {
    let (postgres, database) = open().await;
    let events = postgres.events();
    let batch = [
        append("new", Expected::NoStream, 2),
        append("new", Expected::NoStream, 1),
        append("new", Expected::Exact(2), 1),
        append("other", Expected::Any, 1),
    ];
    let answers = versions(&events, &batch).await;
    let taken = conflict("new", Expected::NoStream, 2);
    assert_eq!(answers, [Ok(2), Err(taken), Ok(3), Ok(1)]);
    assert_rows_are_right(&database).await;
}

#[tokio::test]
async fn of_a_command_that_comes_again_beside_a_new_one() {
    let (postgres, database) = open().await;
    let events = postgres.events();
    let known = append("old", Expected::NoStream, 2);
    events.append(std::slice::from_ref(&known)).await.unwrap();
    let batch = [known, append("new", Expected::NoStream, 1)];
    let answers = events.append(&batch).await.unwrap();
    assert!(answers[0].as_ref().unwrap().repeated);
    assert_eq!(answers[1].as_ref().unwrap().streams[0].version, 1);
    assert_rows_are_right(&database).await;
}
