//! One Postgres database: its connections and its statements.

mod connections;
mod transaction;

pub(crate) use self::connections::Fault;
pub(crate) use self::transaction::Transaction;

use std::time::Duration;

use cqrs_core::store::StoreError;
use sqlx::ConnectOptions;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow, Postgres};
use sqlx::query::Query;

use self::connections::Connections;
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
        let options = with_settings(&config);
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
        start::check_server(&mut connection, &place).await?;
        migrate::prepare(&mut connection, &schema, config.migrations, &place).await?;
        start::check_log(&mut connection, &sql, &schema, &place).await?;
        let connections = Connections::new(options, &config);
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

    pub(crate) async fn close_idle(&self) {
        self.connections.close_idle().await;
    }

    /// A transaction that begins with these statements, each of which must answer in time.
    pub(crate) async fn begin(&self, begin: &'static str) -> Result<Transaction<'_>, Fault> {
        let patience = Some(self.connections.patience());
        Transaction::begin(&self.connections, begin, patience).await
    }

    /// A transaction whose statements may take as long as they need.
    pub(crate) async fn begin_long(&self, begin: &'static str) -> Result<Transaction<'_>, Fault> {
        Transaction::begin(&self.connections, begin, None).await
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

/// What every connection is set to, whatever the server's, the database's or the role's defaults are.
fn with_settings(config: &PostgresConfig) -> PgConnectOptions {
    let milliseconds = |time: Duration| time.as_millis().to_string();
    config.options.clone().options([
        // The mark, and the look at what others have committed, rest on it.
        ("default_transaction_isolation", "read committed".to_owned()),
        ("statement_timeout", milliseconds(config.statement_timeout)),
        ("lock_timeout", milliseconds(config.lock_timeout)),
        // A node that stands still with a transaction open must not keep others from its views for longer.
        (
            "idle_in_transaction_session_timeout",
            milliseconds(config.lock_timeout),
        ),
        // No statement here gains from it, and it costs the first one some tenths of a second.
        ("jit", "off".to_owned()),
    ])
}
