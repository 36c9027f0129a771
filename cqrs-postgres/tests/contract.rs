//! The contract suite of the core, on a database of its own for each case.

#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;

use cqrs_core::event_store_contract;
use cqrs_core::test::Fixture;
use cqrs_core::view::MemoryViewStore;

async fn open() -> Fixture {
    let (postgres, database) = common::open().await;
    let views = Arc::new(MemoryViewStore::default());
    Fixture::new(postgres.with_views(views), database)
}

event_store_contract!(open);
