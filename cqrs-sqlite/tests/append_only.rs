//! An event, once appended, can neither be changed nor deleted.

#![allow(clippy::unwrap_used)]

mod common;

use cqrs_core::store::{EventAppender, StreamReader};
use cqrs_core::stream::Expected;
use sqlx::Executor;

use common::{append, open, place, raw, stream};

async fn is_refused(change: &'static str) {
    let (_folder, path) = place();
    let events = open(&path).await.events();
    let batch = [append("a", Expected::NoStream, 3)];
    events.append(&batch).await.unwrap()[0].as_ref().unwrap();
    let before = events.read_stream(&stream("a"), 0, 10).await.unwrap();

    let refused = raw(&path).await.execute(change).await.unwrap_err();
    let refused = refused.as_database_error().unwrap();
    assert_eq!(refused.code().unwrap(), "1811", "SQLITE_CONSTRAINT_TRIGGER");
    assert_eq!(before.len(), 3);
    assert_eq!(
        events.read_stream(&stream("a"), 0, 10).await.unwrap(),
        before
    );
}

#[tokio::test]
async fn an_update_is_refused() {
    is_refused("UPDATE cqrs_events SET payload = '{}' WHERE version = 2").await;
}

#[tokio::test]
async fn a_deletion_is_refused() {
    is_refused("DELETE FROM cqrs_events WHERE version = 3").await;
}
