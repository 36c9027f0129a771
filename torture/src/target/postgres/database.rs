//! What is done to a database past the framework.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result};
use cqrs::postgres::Postgres;
use postgres_server::Cluster;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, raw_sql};

use crate::without::Mechanism;

/// How soon a session's end is looked for again.
const POLL: Duration = Duration::from_millis(10);

pub(super) fn url(cluster: &Cluster, name: &str) -> String {
    let server = cluster.url();
    let server = server.rsplit_once('/').map_or(server, |(server, _)| server);
    format!("{server}/{name}")
}

pub(super) async fn connect(url: &str) -> Result<PgConnection> {
    let options = PgConnectOptions::from_str(url)?.disable_statement_logging();
    Ok(options.connect().await?)
}

pub(super) async fn create(server: &str, name: &str) -> Result<()> {
    let sql = format!("CREATE DATABASE {name} TEMPLATE template0");
    order(server, &sql).await.context("no database is made")
}

pub(super) async fn drop(server: &str, name: &str) -> Result<()> {
    order(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await
}

/// Makes the framework's tables and what disturbs those who write to them.
pub(super) async fn prepare(url: &str, without: Option<Mechanism>) -> Result<()> {
    Postgres::open(url).await?.events();
    order(url, include_str!("../../sql/dawdle.sql")).await?;
    if without == Some(Mechanism::Mark) {
        order(url, include_str!("../../sql/forget_mark.sql")).await?;
    }
    Ok(())
}

/// Ends all sessions of the database, and waits until they are gone.
pub(super) async fn end_sessions(url: &str) -> Result<()> {
    let mut connection = connect(url).await?;
    loop {
        let sessions = connection.fetch_all(include_str!("../../sql/end_sessions.sql"));
        if sessions.await?.is_empty() {
            break;
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(connection.close().await?)
}

async fn order(url: &str, sql: &str) -> Result<()> {
    let mut connection = connect(url).await?;
    connection.execute(raw_sql(AssertSqlSafe(sql))).await?;
    Ok(connection.close().await?)
}
