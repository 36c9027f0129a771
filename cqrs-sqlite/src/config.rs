//! Where the file is and how it is used.

use std::path::PathBuf;
use std::time::Duration;

use cqrs_core::store::StoreError;

/// The settings of a file. Those not named are fixed: WAL and `synchronous = FULL`.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use cqrs_sqlite::SqliteConfig;
///
/// let mut config = SqliteConfig::new("data/shop.db");
/// config.busy_timeout = Duration::from_secs(5);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SqliteConfig {
    /// The file.
    pub path: PathBuf,
    /// How long to wait for another process that writes; 30 s by default, then `Busy`.
    pub busy_timeout: Duration,
    /// The largest size of the file in pages of 4 KiB; beyond it, writes answer `Full`.
    ///
    /// A file that is larger already does not shrink. Without it the disk is the limit.
    pub max_pages: Option<u32>,
    /// How many connections may read at the same time; 4 by default, opened when they are needed.
    pub readers: usize,
}

impl SqliteConfig {
    /// The file at this path, with the settings that fit almost everybody.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            busy_timeout: Duration::from_secs(30),
            max_pages: None,
            readers: 4,
        }
    }

    /// The file at `sqlite:PATH` or `sqlite://PATH`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unreachable`] when the address has another form or names no file.
    pub fn from_url(url: &str) -> Result<Self, StoreError> {
        let refuse = |reason: &str| StoreError::Unreachable {
            store: format!("`{url}`"),
            reason: reason.to_owned(),
        };
        let Some(rest) = url.strip_prefix("sqlite:") else {
            return Err(refuse("an SQLite file is written `sqlite:PATH`"));
        };
        let path = rest.strip_prefix("//").unwrap_or(rest);
        match path {
            "" => Err(refuse("the path of the file is missing: `sqlite:PATH`")),
            ":memory:" => Err(refuse(
                "SQLite keeps files here; for a store in memory write `memory:`",
            )),
            _ if path.contains('?') => Err(refuse(
                "it takes no options after `?`; set them on `SqliteConfig` and call `Sqlite::open_with`",
            )),
            _ => Ok(Self::new(path)),
        }
    }
}
