//! A Postgres server for tests: Debian's own, in a temporary folder and on a free port, with its
//! durable settings on; a proxy and a pooler to stand before it.
//!
//! Where `DATABASE_URL` is set, that server is used and nothing is started.

mod backup;
mod cluster;
#[cfg(feature = "client")]
mod database;
mod disk;
#[cfg(feature = "client")]
mod pooler;
#[cfg(feature = "client")]
mod proxy;

pub use self::backup::{dump, restore};
pub use self::cluster::Cluster;
#[cfg(feature = "client")]
pub use self::database::Database;
pub use self::disk::SmallDisk;
#[cfg(feature = "client")]
pub use self::pooler::{Pooler, Startup};
#[cfg(feature = "client")]
pub use self::proxy::{Cut, Proxy};

/// The role of a [`Cluster`] that needs [`PASSWORD`]; all others are trusted.
pub const LOCKED_ROLE: &str = "needs_password";

/// Its password.
pub const PASSWORD: &str = "correct-horse";

/// Where the tests find a server that somebody else started.
pub const URL_VARIABLE: &str = "DATABASE_URL";
