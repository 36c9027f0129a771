//! A database for one test.

use std::str::FromStr;
use std::sync::OnceLock;

use anyhow::{Context, Result};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use crate::{Cluster, URL_VARIABLE};

/// The server that this process started, if it did.
static CLUSTER: OnceLock<Cluster> = OnceLock::new();

/// An empty database with a name of its own, dropped with this value.
#[derive(Debug)]
pub struct Database {
    name: String,
    url: String,
    server: PgConnectOptions,
    end: End,
}

/// With what a database ends.
#[derive(Debug)]
enum End {
    Value,
    /// The server, if this process has started it.
    Server,
}

impl Database {
    /// A new database, on the server of `DATABASE_URL` or on one that is started for this process.
    ///
    /// # Errors
    ///
    /// When there is no server, or it refuses.
    pub async fn create() -> Result<Self> {
        Self::create_from("template0").await
    }

    /// A copy, which nobody may have open meanwhile.
    ///
    /// # Errors
    ///
    /// When somebody has it open.
    pub async fn copy(&self) -> Result<Self> {
        Self::create_from(&self.name).await
    }

    async fn create_from(template: &str) -> Result<Self> {
        let server_url = server_url()?;
        let server = PgConnectOptions::from_str(&server_url)?.disable_statement_logging();
        let name = format!("cqrs_test_{}", uuid::Uuid::new_v4().simple());
        let url = with_database(&server_url, &name).context("the server's address is none")?;
        let database = Self {
            name,
            url,
            server,
            end: End::Value,
        };
        database
            .on_server("CREATE DATABASE", &format!("TEMPLATE {template}"))
            .await?;
        Ok(database)
    }

    /// Not dropped before the server ends, where this process started that: a drop waits for a checkpoint,
    /// which who measures may not want to meet.
    #[must_use]
    pub fn until_the_server_ends(mut self) -> Self {
        self.end = End::Server;
        self
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its address for another role; the password has no sign that an address would read otherwise.
    pub fn url_as(&self, role: &str, password: &str) -> String {
        let host = self.url.split_once('@').map_or("", |(_, host)| host);
        format!("postgres://{role}:{password}@{host}")
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How to connect to it.
    pub fn options(&self) -> PgConnectOptions {
        self.server.clone().database(&self.name)
    }

    /// A connection past the framework.
    ///
    /// # Errors
    ///
    /// When the server refuses.
    pub async fn connect(&self) -> Result<PgConnection> {
        Ok(self.options().connect().await?)
    }

    async fn on_server(&self, order: &str, options: &str) -> Result<()> {
        let mut connection = self.server.connect().await?;
        let sql = format!("{order} {} {options}", self.name);
        connection.execute(AssertSqlSafe(sql)).await?;
        connection.close().await?;
        Ok(())
    }

    fn drop_now(&self) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(self.on_server("DROP DATABASE IF EXISTS", "WITH (FORCE)"))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if matches!(self.end, End::Server) && CLUSTER.get().is_some() {
            return;
        }
        // A thread of its own, since the present one may belong to a runtime that cannot block.
        let dropped = std::thread::scope(|scope| scope.spawn(|| self.drop_now()).join());
        if let Ok(Err(error)) = dropped {
            eprintln!("the database {} is left over: {error:#}", self.name);
        }
    }
}

pub(crate) fn server_url() -> Result<String> {
    if let Ok(url) = std::env::var(URL_VARIABLE) {
        return Ok(url);
    }
    if CLUSTER.get().is_none() {
        // Tests of one process may come here together; the servers of the slower ones end at once.
        static STARTING: std::sync::Mutex<()> = std::sync::Mutex::new(());
        let _turn = STARTING.lock();
        if CLUSTER.get().is_none() {
            let _ = CLUSTER.set(Cluster::start()?);
        }
    }
    let cluster = CLUSTER.get().context("the server is not there")?;
    Ok(cluster.url().to_owned())
}

/// The same address with another database; the driver's own way loses what is after `?`.
fn with_database(url: &str, name: &str) -> Option<String> {
    let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
    let (scheme, rest) = address.split_once("://")?;
    let authority = rest.split('/').next()?;
    Some(format!("{scheme}://{authority}/{name}?{parameters}"))
}
