//! The limit on Postgres: an events table, a view and their statements, written for this domain.

pub(crate) mod catch_up;
pub(crate) mod commands;
pub(crate) mod load;
pub(crate) mod log;
mod pool;
pub(crate) mod visible;

use std::str::FromStr as _;

use anyhow::Result;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _};

/// The settings that the framework's store has as well.
pub(crate) fn options(url: &str) -> Result<PgConnectOptions> {
    let options = PgConnectOptions::from_str(url)?.options([("jit", "off")]);
    Ok(options.disable_statement_logging())
}

pub(crate) async fn connect(url: &str) -> Result<PgConnection> {
    Ok(options(url)?.connect().await?)
}

/// One statement on a connection of its own.
async fn run(url: &str, sql: &'static str) -> Result<()> {
    let mut connection = connect(url).await?;
    sqlx::raw_sql(sql).execute(&mut connection).await?;
    Ok(connection.close().await?)
}
