//! The stores of `cqrs` on Postgres: many nodes append to one log and follow it without losing an event,
//! and feed the views beside it.
//!
//! A batch is appended by one call of a function in the database. Positions come from a sequence and
//! commit in any order; readers stay behind whatever may still be written, by a mark that no clock and
//! no transaction id goes into. A page of a view is written with its checkpoint in one transaction.
//!
//! - [`Postgres`]: opens a database and makes the stores
//! - [`PostgresEventStore`] ⑤: the log in the table `events` of the schema `cqrs`, or of another one
//! - [`PostgresViewStore`] ⑧: a table for each view, which raw SQL finds under the view's own name in the
//!   schema `cqrs_views`
//! - [`PostgresConfig`]: connections, time limits, schema, migrations
//!
//! # Example
//!
//! ```no_run
//! use cqrs_core::store::LogReader;
//! use cqrs_core::stream::Position;
//! use cqrs_postgres::Postgres;
//!
//! # async fn open() -> Result<(), cqrs_core::store::StoreError> {
//! let postgres = Postgres::open("postgres://shop@localhost/shop").await?;
//! assert_eq!(postgres.events().head().await?.position, Position::START);
//! # Ok(())
//! # }
//! ```

mod binds;
mod config;
mod database;
mod error;
mod migrate;
mod roles;
mod schema;
mod sql;
mod start;
mod store;
mod view;

pub use self::config::{Migrations, Pooler, PostgresConfig};
pub use self::store::PostgresEventStore;
pub use self::view::PostgresViewStore;

use std::sync::Arc;

use cqrs_core::store::{StoreError, Stores};
use cqrs_core::view::ViewStore;

use self::database::PostgresDatabase;
use self::schema::Schema;
use self::store::{Announcer, HeadReader};

/// One Postgres database, opened: it makes the event store and the view store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Postgres {
    database: Arc<PostgresDatabase>,
    head: Arc<HeadReader>,
    announcer: Arc<Announcer>,
}

impl Postgres {
    /// Opens the database at `postgres://USER:PASSWORD@HOST:PORT/DATABASE` and brings its schema up to date.
    ///
    /// After `?` it takes what `psql` takes (`sslmode=verify-full`, `sslrootcert=…`) and
    /// `cqrs_schema=NAME`, for several services in one database, or `cqrs_pooler=transaction`, behind a
    /// pooler that gives each transaction another session.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the address is none, or as in [`Postgres::open_with`].
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_with(PostgresConfig::from_url(url)?).await
    }

    /// Opens a database with these settings.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the server cannot be reached or refuses the user, the database is not there,
    /// takes no writes or was written by a newer version, a migration is missing that this program may
    /// not apply, or the sequence of positions does not have the settings that the log's order rests on.
    pub async fn open_with(config: PostgresConfig) -> Result<Self, StoreError> {
        let database = Arc::new(PostgresDatabase::open(config).await?);
        Ok(Self {
            database,
            head: Arc::default(),
            announcer: Arc::default(),
        })
    }

    /// The database's event store.
    pub fn events(&self) -> PostgresEventStore {
        let (database, head) = (Arc::clone(&self.database), Arc::clone(&self.head));
        PostgresEventStore::new(database, head, Arc::clone(&self.announcer))
    }

    /// The database's view store.
    pub fn views(&self) -> PostgresViewStore {
        PostgresViewStore::new(Arc::clone(&self.database))
    }

    /// Events and views of the database, as an application takes them.
    pub fn stores(&self) -> Stores {
        self.with_views(Arc::new(self.views()))
    }

    /// Events in this database and views in another store, of which a second database is one.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use std::sync::Arc;
    ///
    /// use cqrs_core::app::App;
    /// use cqrs_postgres::Postgres;
    ///
    /// # async fn open() -> Result<(), Box<dyn std::error::Error>> {
    /// let log = Postgres::open("postgres://shop@log/shop").await?;
    /// let views = Postgres::open("postgres://shop@views/shop").await?.views();
    /// let app = App::builder(log.with_views(Arc::new(views))).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_views(&self, views: Arc<dyn ViewStore>) -> Stores {
        Stores {
            events: Arc::new(self.events()),
            views,
        }
    }

    /// All migrations of a schema as one SQL script, for databases where programs may not change tables.
    ///
    /// It can be run again: what has been applied is left as it is.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unreachable`] when the schema's name is none that is taken.
    pub fn migrations_sql(schema: &str) -> Result<String, StoreError> {
        Ok(migrate::script(&Schema::new(schema)?))
    }

    /// Roles with no more rights on a schema than they need, as one SQL script: `shop_owner` for who
    /// changes the tables, `shop_application` for who runs an application, `shop_reader` for who only reads
    /// events and views, where `roles` is `shop`.
    ///
    /// For whoever may create roles, which a program that runs should not. What later migrations make is
    /// granted to these roles by the migrations themselves.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unreachable`] when one of the names is none that is taken.
    ///
    /// # Example
    ///
    /// ```
    /// let script = cqrs_postgres::Postgres::roles_sql("cqrs", "shop")?;
    /// assert!(script.contains("shop_reader"));
    /// # Ok::<(), cqrs_core::store::StoreError>(())
    /// ```
    pub fn roles_sql(schema: &str, roles: &str) -> Result<String, StoreError> {
        roles::script(&Schema::new(schema)?, roles)
    }
}
