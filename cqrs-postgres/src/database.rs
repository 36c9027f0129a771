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
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgRow, Postgres};
use sqlx::query::Query;

use self::connections::{Connections, GRACE};
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
            Err(_) => Err(place.unreachable(silence(config.acquire_timeout))),
        };
        let mut connection = connection?;
        let sql = Statements::new(&schema);
        let patience = config.statement_timeout.saturating_add(GRACE);
        let prepared = prepare(&mut connection, &config, &session, &sql, &schema, &place);
        let prepared = tokio::time::timeout(patience, prepared).await;
        prepared.map_err(|_| place.unreachable(silence(patience)))??;
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
        self.read_as(operation, statement, Ok).await
    }

    /// What the rows of such a statement say.
    pub(crate) async fn read_as<'q, T>(
        &self,
        operation: &'static str,
        statement: impl Fn() -> Statement<'q>,
        read: impl Fn(PgRow) -> Result<T, sqlx::Error>,
    ) -> Result<Vec<T>, StoreError> {
        let values = match self.connections.rows_as(statement(), &read).await {
            Err(fault) if fault.is_of_connection() => {
                self.connections.rows_as(statement(), &read).await
            }
            values => values,
        };
        values.map_err(|fault| self.place(operation).fault(fault))
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
        Transaction::begin(&self.connections, settings).await
    }

    /// A transaction whose statements may take as long as they need.
    pub(crate) async fn begin_long(
        &self,
        settings: &'static str,
    ) -> Result<Transaction<'_>, Fault> {
        let transaction = Transaction::begin(&self.connections, settings).await?;
        transaction.without_limit().await
    }

    /// The rows of a statement that is sent once.
    pub(crate) async fn rows(&self, statement: Statement<'_>) -> Result<Vec<PgRow>, Fault> {
        self.connections.rows(statement).await
    }
}

/// In one transaction, so that a pooler lends one session for all of it.
async fn prepare(
    connection: &mut PgConnection,
    config: &PostgresConfig,
    session: &Session,
    sql: &Statements,
    schema: &Schema,
    place: &Place<'_>,
) -> Result<(), StoreError> {
    let failed = |error| place.error(error);
    order(connection, session.begin("")).await.map_err(failed)?;
    start::check_server(connection, session, place).await?;
    migrate::prepare(connection, schema, config.migrations, place).await?;
    start::check_log(connection, sql, schema, place).await?;
    order(connection, "COMMIT").await.map_err(failed)
}

fn silence(patience: Duration) -> String {
    format!("the server did not answer for {patience:?}")
}

fn name(options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap_or(options.get_username());
    let place = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    format!("the Postgres database `{database}` at `{place}`")
}
