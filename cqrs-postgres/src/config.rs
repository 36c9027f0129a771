//! Where the database is and how it is used.

use std::str::FromStr;
use std::time::Duration;

use cqrs_core::store::StoreError;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;

/// What an address may say after `?`; the driver would pass over what it does not know.
const PARAMETERS: [&str; 21] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
    SCHEMA,
    MAX_CONNECTIONS,
    POOLER,
];
const SCHEMA: &str = "cqrs_schema";
const MAX_CONNECTIONS: &str = "cqrs_max_connections";
const POOLER: &str = "cqrs_pooler";

/// The settings of a database.
///
/// # Example
///
/// ```
/// use cqrs_postgres::{Migrations, PostgresConfig};
///
/// let mut config = PostgresConfig::from_url("postgres://shop@localhost/shop?sslmode=require")?;
/// config.schema = "orders".into();
/// config.migrations = Migrations::Require;
/// # Ok::<(), cqrs_core::store::StoreError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PostgresConfig {
    pub(crate) options: PgConnectOptions,
    /// The database schema that the tables are in: `cqrs` by default. Each has a log of its own.
    pub schema: String,
    /// Whether the tables may be made and changed.
    pub migrations: Migrations,
    /// How many connections this process opens at the most, when they are needed; 10 by default. One more
    /// tells other processes of appends, and one for each application that follows the log hears of theirs.
    pub max_connections: usize,
    /// Whose sessions the connections are.
    pub pooler: Pooler,
    /// How long to wait for a free connection, or for a new one; 10 s by default.
    pub acquire_timeout: Duration,
    /// How long a statement may take; 30 s by default, then it is cancelled.
    pub statement_timeout: Duration,
    /// How long to wait for streams that another node appends to; 10 s by default, then `Busy`.
    pub lock_timeout: Duration,
}

/// Whether a program changes the schema when it opens a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Migrations {
    /// What is missing is applied.
    #[default]
    Apply,
    /// What is missing is an error: somebody else runs [`Postgres::migrations_sql`](crate::Postgres::migrations_sql).
    Require,
}

/// Whether something between the program and the server lends out the server's sessions.
///
/// # Example
///
/// ```
/// use cqrs_postgres::{Pooler, PostgresConfig};
///
/// let config = PostgresConfig::from_url("postgres://shop@localhost:6432/shop?cqrs_pooler=transaction")?;
/// assert_eq!(config.pooler, Pooler::Transaction);
/// # Ok::<(), cqrs_core::store::StoreError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Pooler {
    /// Each connection is a session of its own: nothing is in between.
    #[default]
    Session,
    /// Each transaction may have another session, as PgBouncer does it with `pool_mode = transaction`.
    /// A command takes four round trips instead of one, and appends of other processes are found by
    /// polling.
    Transaction,
}

impl PostgresConfig {
    /// The database at `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with settings that fit almost
    /// everybody.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unreachable`] when the address has another form, or a parameter that is not known.
    pub fn from_url(url: &str) -> Result<Self, StoreError> {
        let refuse = |reason: String| StoreError::Unreachable {
            store: format!("`{}`", without_password(url)),
            reason,
        };
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            let form =
                "a Postgres database is written `postgres://USER:PASSWORD@HOST:PORT/DATABASE`";
            return Err(refuse(form.to_owned()));
        }
        let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
        let mut schema = "cqrs".to_owned();
        let mut max_connections = 10;
        let mut pooler = Pooler::default();
        let mut passed_on = Vec::new();
        for parameter in parameters
            .split('&')
            .filter(|parameter| !parameter.is_empty())
        {
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match key {
                SCHEMA => schema = value.to_owned(),
                MAX_CONNECTIONS => {
                    max_connections = value.parse().map_err(|_| {
                        refuse(format!(
                            "`{MAX_CONNECTIONS}={value}` is no number of connections"
                        ))
                    })?;
                }
                POOLER => {
                    pooler = match value {
                        "session" => Pooler::Session,
                        "transaction" => Pooler::Transaction,
                        _ => {
                            return Err(refuse(format!(
                                "`{POOLER}={value}` is no mode; it is `session` or `transaction`"
                            )));
                        }
                    };
                }
                key if PARAMETERS.contains(&key) || key.starts_with("options[") => {
                    passed_on.push(parameter);
                }
                key => {
                    let known = PARAMETERS.join("`, `");
                    return Err(refuse(format!(
                        "it does not take `{key}`; it takes `{known}`"
                    )));
                }
            }
        }
        let plain = format!("{address}?{}", passed_on.join("&"));
        let options = PgConnectOptions::from_str(&plain)
            .map_err(|error| refuse(format!("it cannot be read as an address: {error}")))?;
        Ok(Self {
            options: options.disable_statement_logging(),
            schema,
            migrations: Migrations::default(),
            max_connections,
            pooler,
            acquire_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(10),
        })
    }
}

/// The address as a message may show it.
fn without_password(url: &str) -> String {
    let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
    let secret = if parameters.contains("password=") {
        "?…"
    } else {
        ""
    };
    let address = url.split('?').next().unwrap_or_default();
    let rest = if secret.is_empty() {
        &url[address.len()..]
    } else {
        secret
    };
    match (address.split_once("://"), address.rsplit_once('@')) {
        (Some((scheme, _)), Some((before, host))) => {
            let user = before[scheme.len() + 3..]
                .split(':')
                .next()
                .unwrap_or_default();
            format!("{scheme}://{user}@{host}{rest}")
        }
        _ => format!("{address}{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::PostgresConfig;

    #[test]
    fn an_address_says_what_it_takes_and_shows_no_password() {
        let refused = |url| PostgresConfig::from_url(url).unwrap_err().to_string();
        let misspelt = refused("postgres://ada:secret@host/shop?sslmod=require");
        assert!(misspelt.contains("it does not take `sslmod`"), "{misspelt}");
        assert!(misspelt.contains("postgres://ada@host/shop"), "{misspelt}");
        assert!(!misspelt.contains("secret"), "{misspelt}");
        let elsewhere = refused("postgres://host/shop?password=secret&no=1");
        assert!(!elsewhere.contains("secret"), "{elsewhere}");
        assert!(refused("mysql://host/shop").contains("is written `postgres://"));
        assert!(refused("postgres://host:port/shop").contains("cannot be read"));
        assert!(refused("postgres://host/shop?cqrs_max_connections=x").contains("is no number"));
        assert!(refused("postgres://host/shop?cqrs_pooler=on").contains("`session` or `transac"));
    }

    #[test]
    fn an_address_names_the_schema() {
        let url = "postgres://host/shop?sslmode=require&cqrs_schema=orders&cqrs_max_connections=3";
        let config = PostgresConfig::from_url(url).unwrap();
        assert_eq!(
            (config.schema.as_str(), config.max_connections),
            ("orders", 3)
        );
        assert_eq!(config.options.get_database(), Some("shop"));
        assert!(matches!(
            config.options.get_ssl_mode(),
            sqlx::postgres::PgSslMode::Require
        ));
    }
}
