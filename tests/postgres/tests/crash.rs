//! A server that crashed comes back with what was committed, and a database moves to another server.

#![allow(clippy::unwrap_used)]
#![cfg(feature = "client")]

use postgres_server::Cluster;
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor, Row};

async fn connect(cluster: &Cluster, database: &str) -> PgConnection {
    let (server, _) = cluster.url().rsplit_once('/').unwrap();
    let url = format!("{server}/{database}");
    PgConnection::connect(&url).await.unwrap()
}

#[tokio::test]
async fn what_was_committed_survives_a_crash_and_a_move() {
    let mut cluster = Cluster::start().unwrap();
    let mut connection = connect(&cluster, "postgres").await;
    connection
        .execute("CREATE DATABASE shop TEMPLATE template0")
        .await
        .unwrap();
    let mut before = connect(&cluster, "shop").await;
    before
        .execute("CREATE TABLE noted AS SELECT 7 AS number")
        .await
        .unwrap();
    cluster.crash().unwrap();
    cluster.wait_until_ready().unwrap();
    assert!(
        before.execute("SELECT 1").await.is_err(),
        "the server did not crash"
    );

    let other = Cluster::start().unwrap();
    cluster.copy_database("shop", &other).unwrap();
    drop(cluster);
    let mut after = connect(&other, "shop").await;
    let row = after.fetch_one("SELECT number FROM noted").await.unwrap();
    assert_eq!(row.get::<i32, _>(0), 7);
}
