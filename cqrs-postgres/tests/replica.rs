//! A read-only replica does not serve the log: it may lack what the primary has called final.

#![allow(clippy::unwrap_used)]

mod common;

use std::str::FromStr;

use cqrs_core::store::{EventAppender, LogReader};
use cqrs_core::stream::Expected;
use cqrs_postgres::Postgres;
use postgres_server::Cluster;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, Row, query};

use common::append;

async fn raw(server: &Cluster) -> PgConnection {
    let options = PgConnectOptions::from_str(server.url()).unwrap();
    options.connect().await.unwrap()
}

#[tokio::test]
async fn a_replica_serves_no_log() {
    // Not the one of `DATABASE_URL`, which need not let anybody copy it.
    let primary = Cluster::start().unwrap();
    let events = Postgres::open(primary.url()).await.unwrap().events();
    let replica = primary.replica().unwrap();
    let batch = [append("a", Expected::NoStream, 3)];
    events.append(&batch).await.unwrap()[0].as_ref().unwrap();

    let mut there = raw(&replica).await;
    let count = "SELECT count(*) FROM cqrs.events";
    while there.fetch_one(count).await.unwrap().get::<i64, _>(0) < 3 {
        tokio::task::yield_now().await;
    }
    let refused = Postgres::open(replica.url()).await.unwrap_err().to_string();
    assert!(
        refused.contains("it is a replica") && refused.contains("primary"),
        "{refused}"
    );

    // Also where the address leads to another server after it was opened, and there is nothing to read.
    let read_log = include_str!("../src/sql/read_log.sql").replace("{schema}", "cqrs");
    let read_head = include_str!("../src/sql/read_head.sql").replace("{schema}", "cqrs");
    let page = query(AssertSqlSafe(read_log))
        .bind(3_i64)
        .bind(9_i64)
        .bind(10_i64);
    let page = page.bind(None::<Vec<String>>).bind(None::<Vec<String>>);
    let head = query(AssertSqlSafe(read_head))
        .bind(0_i64)
        .bind(None::<i64>)
        .bind(None::<uuid::Uuid>);
    for statement in [page, head] {
        let refused = statement.fetch_all(&mut there).await.unwrap_err();
        let code = refused
            .as_database_error()
            .unwrap()
            .code()
            .unwrap()
            .into_owned();
        assert_eq!(code, "25006", "read_only_sql_transaction");
    }
    assert_eq!(events.head().await.unwrap().position.get(), 3);
}
