//! Every statement is understood by SQLite against a new file, so that a slip of the pen fails here.

#![allow(clippy::unwrap_used)]

mod common;

use sqlx::{AssertSqlSafe, Executor, SqlSafeStr};

use common::{open, place, raw};

#[tokio::test]
async fn every_statement_can_be_prepared() {
    let (_folder, path) = place();
    open(&path).await;
    let mut file = raw(&path).await;
    let mut statements = 0;
    for entry in std::fs::read_dir("src/sql").unwrap() {
        let entry = entry.unwrap().path();
        let text = std::fs::read_to_string(&entry).unwrap();
        let prepared = file.prepare(AssertSqlSafe(text).into_sql_str()).await;
        assert!(
            prepared.is_ok(),
            "{}: {:?}",
            entry.display(),
            prepared.err()
        );
        statements += 1;
    }
    assert!(statements > 20);
}
