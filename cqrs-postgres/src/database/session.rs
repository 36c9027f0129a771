//! How a statement comes to the server: in a session of the process's own, or through a pooler, which
//! lends another one for each transaction.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Executor, raw_sql};
use tokio_stream::StreamExt;

use super::Statement;
use crate::config::{Pooler, PostgresConfig};
use crate::error::ends_connection;
use crate::sql::{BEGIN, SET_FOR_POOLER};

#[derive(Debug)]
pub(crate) enum Session {
    /// What is set and prepared stays.
    Own,
    /// Nothing stays: statements have no name, and each transaction begins with these settings.
    Lent { settings: String },
}

impl Session {
    pub(super) fn new(config: &PostgresConfig) -> Self {
        match config.pooler {
            Pooler::Session => Self::Own,
            Pooler::Transaction => Self::Lent {
                settings: SET_FOR_POOLER
                    .replace(
                        "{statement_timeout}",
                        &milliseconds(config.statement_timeout),
                    )
                    .replace("{lock_timeout}", &milliseconds(config.lock_timeout)),
            },
        }
    }

    pub(crate) fn is_own(&self) -> bool {
        matches!(self, Self::Own)
    }

    /// How a connection is opened. What an own session is set to holds whatever the server's, the
    /// database's or the role's defaults are.
    pub(super) fn options(&self, config: &PostgresConfig) -> PgConnectOptions {
        let options = config.options.clone();
        match self {
            // PgBouncer refuses what it does not keep for each client.
            Self::Lent { .. } => options.extra_float_digits(None),
            Self::Own => options.options([
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
            ]),
        }
    }

    /// What begins a transaction, which then makes these settings of its own.
    pub(crate) fn begin(&self, settings: &str) -> String {
        match self {
            Self::Own => format!("{BEGIN}{settings}"),
            Self::Lent { settings: lent } => format!("{BEGIN}{lent}{settings}"),
        }
    }

    /// The statement as it is sent within a transaction.
    pub(crate) fn within<'q>(&self, statement: Statement<'q>) -> Statement<'q> {
        match self {
            Self::Own => statement,
            Self::Lent { .. } => statement.persistent(false),
        }
    }

    /// The rows of a statement that is a transaction of its own.
    pub(super) async fn rows(
        &self,
        connection: &mut PgConnection,
        statement: Statement<'_>,
    ) -> Result<Vec<PgRow>, sqlx::Error> {
        self.rows_as(connection, statement, Ok).await
    }

    /// What its rows say, each read while the server still sends the next ones.
    pub(super) async fn rows_as<T>(
        &self,
        connection: &mut PgConnection,
        statement: Statement<'_>,
        read: impl FnMut(PgRow) -> Result<T, sqlx::Error>,
    ) -> Result<Vec<T>, sqlx::Error> {
        if self.is_own() {
            return collect(connection, statement, read).await;
        }
        // The driver sends a statement in two parts, which must come to one session.
        let rows = match order(connection, self.begin("")).await {
            Ok(()) => collect(connection, self.within(statement), read).await,
            Err(error) => Err(error),
        };
        match rows {
            Ok(rows) => {
                order(connection, "COMMIT").await?;
                Ok(rows)
            }
            Err(error) => {
                if !ends_connection(&error) {
                    order(connection, "ROLLBACK").await?;
                }
                Err(error)
            }
        }
    }
}

/// A row that cannot be read is an error when the answer is whole.
async fn collect<T>(
    connection: &mut PgConnection,
    statement: Statement<'_>,
    mut read: impl FnMut(PgRow) -> Result<T, sqlx::Error>,
) -> Result<Vec<T>, sqlx::Error> {
    let mut all = Ok(Vec::new());
    let mut rows = connection.fetch(statement);
    while let Some(row) = rows.try_next().await? {
        if let Ok(values) = &mut all {
            match read(row) {
                Ok(value) => values.push(value),
                Err(error) => all = Err(error),
            }
        }
    }
    all
}

/// Statements without parameters and rows, in one call.
pub(crate) async fn order(
    connection: &mut PgConnection,
    order: impl Into<String>,
) -> Result<(), sqlx::Error> {
    let order = raw_sql(AssertSqlSafe(order.into()));
    connection.execute(order).await.map(drop)
}

fn milliseconds(time: Duration) -> String {
    time.as_millis().to_string()
}
