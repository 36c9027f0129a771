//! One Postgres database: its connections and its statements.

mod connections;
mod session;
mod transaction;

pub(crate) use self::connections::Fault;
pub(crate) use self::session::Session;
pub(crate) use self::transaction::Transaction;

use std::time::Duration;

use cqrs_core::store::StoreError;
use sqlx::ConnectOptions;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow, Postgres};
use sqlx::query::Query;

use self::connections::Connections;
use self::session::order;
use crate::config::PostgresConfig;
use crate::error::Place;
use crate::schema::Schema;
use crate::sql::Statements;
use crate::{migrate, start};

/// A statement with its parameters.
pub(crate) type Statement<'q> = Query<'q, Postgres, PgArguments>;

#[derive(Debug)]
pub(crate) struct PostgresDatabase {
    name: String,
    waited: Duration,
    pub(crate) sql: Statements,
    pub(crate) schema: Schema,
    connections: Connections,
}

impl PostgresDatabase {
    pub(crate) async fn open(config: PostgresConfig) -> Result<Self, StoreError> {
        let schema = Schema::new(&config.schema)?;
        let name = name(&config.options);
        let place = Place {
            store: &name,
            waited: config.lock_timeout,
            operation: "open",
        };
        let session = Session::new(&config);
        if !session.is_own() && config.options.get_options().is_some() {
            return Err(place.unreachable(
                "`options` do not reach the server through a pooler; leave them out, and let the role have them (`ALTER ROLE … SET …`)",
            ));
        }
        let options = session.options(&config);
        let connecting = tokio::time::timeout(config.acquire_timeout, options.connect());
        let connection = match connecting.await {
            Ok(connection) => connection.map_err(|error| place.connect_error(error)),
            Err(_) => Err(place.unreachable(format!(
                "the server did not answer for {:?}",
                config.acquire_timeout
            ))),
        };
        let mut connection = connection?;
        let sql = Statements::new(&schema);
        let begin = session.begin("");
        let begun = order(&mut connection, begin).await;
        begun.map_err(|error| place.error(error))?;
        start::check_server(&mut connection, &session, &place).await?;
        migrate::prepare(&mut connection, &schema, config.migrations, &place).await?;
        start::check_log(&mut connection, &sql, &schema, &place).await?;
        let committed = order(&mut connection, "COMMIT").await;
        committed.map_err(|error| place.error(error))?;
        let connections = Connections::new(session, &config);
        connections.put_back(connection);
        Ok(Self {
            waited: config.lock_timeout,
            sql,
            schema,
            connections,
            name,
        })
    }

    pub(crate) fn place(&self, operation: &'static str) -> Place<'_> {
        Place {
            store: &self.name,
            waited: self.waited,
            operation,
        }
    }

    /// The rows of a statement that may run twice: where a connection breaks, another one is asked.
    pub(crate) async fn read<'q>(
        &self,
        operation: &'static str,
        statement: impl Fn() -> Statement<'q>,
    ) -> Result<Vec<PgRow>, StoreError> {
        let rows = match self.connections.rows(statement()).await {
            Err(fault) if fault.is_of_connection() => self.connections.rows(statement()).await,
            rows => rows,
        };
        rows.map_err(|fault| self.place(operation).fault(fault))
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How to connect, for what needs a connection of its own.
    pub(crate) fn options(&self) -> &PgConnectOptions {
        self.connections.options()
    }

    /// Whether what a connection is set to stays with it.
    pub(crate) fn has_sessions(&self) -> bool {
        self.connections.session().is_own()
    }

    pub(crate) async fn close_idle(&self) {
        self.connections.close_idle().await;
    }

    /// A transaction that begins with these settings; each of its statements must answer in time.
    pub(crate) async fn begin(&self, settings: &'static str) -> Result<Transaction<'_>, Fault> {
        let patience = Some(self.connections.patience());
        Transaction::begin(&self.connections, settings, patience).await
    }

    /// A transaction whose statements may take as long as they need.
    pub(crate) async fn begin_long(
        &self,
        settings: &'static str,
    ) -> Result<Transaction<'_>, Fault> {
        Transaction::begin(&self.connections, settings, None).await
    }

    /// The rows of a statement that is sent once.
    pub(crate) async fn rows(&self, statement: Statement<'_>) -> Result<Vec<PgRow>, Fault> {
        self.connections.rows(statement).await
    }
}

fn name(options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap_or(options.get_username());
    let place = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    format!("the Postgres database `{database}` at `{place}`")
}
