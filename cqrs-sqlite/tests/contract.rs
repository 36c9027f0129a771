//! The contract suites of the core, on a file.

#![allow(clippy::unwrap_used)]

use cqrs_core::test::Fixture;
use cqrs_core::{event_store_contract, view_store_contract};
use cqrs_sqlite::{Sqlite, SqliteConfig};

async fn open() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let config = SqliteConfig::new(folder.path().join("contract.db"));
    let sqlite = Sqlite::open_with(config).await.unwrap();
    Fixture::new(sqlite.stores(), folder)
}

event_store_contract!(open);
view_store_contract!(open);
