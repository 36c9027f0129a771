//! The embedded store of `cqrs`: events and views in one SQLite file, with nothing to install.
//!
//! The file is in WAL mode with `synchronous = FULL`: what an append or a page has answered for
//! survives a power cut. One connection of a process writes and callers queue for it in order;
//! others read and never wait for it. Several processes may use one file: they take turns, for as
//! long as [`SqliteConfig::busy_timeout`] allows.
//!
//! - [`Sqlite`]: opens a file and makes the stores
//! - [`SqliteEventStore`] ⑤: the log in the table `cqrs_events`, which refuses UPDATE and DELETE
//! - [`SqliteViewStore`] ⑧: a table for each view, which raw SQL finds under the view's own name
//!
//! # Example
//!
//! ```
//! use cqrs_core::store::LogReader;
//! use cqrs_core::stream::Position;
//! use cqrs_sqlite::Sqlite;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), cqrs_core::store::StoreError> {
//! # let folder = tempfile::tempdir().unwrap();
//! # let url = format!("sqlite:{}/shop.db", folder.path().display());
//! let sqlite = Sqlite::open(&url).await?;
//! assert_eq!(sqlite.events().head().await?.position, Position::START);
//! # Ok(())
//! # }
//! ```

mod binds;
mod config;
mod database;
mod error;
mod migrate;
mod pack;
mod sql;
mod store;
mod view;

pub use self::config::SqliteConfig;
pub use self::store::SqliteEventStore;
pub use self::view::SqliteViewStore;

use std::sync::Arc;

use cqrs_core::store::{StoreError, Stores};

use self::database::SqliteDatabase;

/// One SQLite file, opened: it makes the event store and the view store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sqlite {
    database: Arc<SqliteDatabase>,
}

impl Sqlite {
    /// Opens the file at `sqlite:PATH` or `sqlite://PATH`; it and its folders are made if missing.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the address names no file, or as in [`Sqlite::open_with`].
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_with(SqliteConfig::from_url(url)?).await
    }

    /// Opens a file with these settings; it and its folders are made if missing.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the file cannot be opened or written, is no SQLite database, or was
    /// written by a newer version; it is left as it was then.
    pub async fn open_with(config: SqliteConfig) -> Result<Self, StoreError> {
        let database = Arc::new(SqliteDatabase::open(config).await?);
        Ok(Self { database })
    }

    /// The file's event store.
    pub fn events(&self) -> SqliteEventStore {
        SqliteEventStore::new(Arc::clone(&self.database))
    }

    /// The file's view store.
    pub fn views(&self) -> SqliteViewStore {
        SqliteViewStore::new(Arc::clone(&self.database))
    }

    /// Events and views of the file, as an application takes them.
    pub fn stores(&self) -> Stores {
        Stores {
            events: Arc::new(self.events()),
            views: Arc::new(self.views()),
        }
    }
}
