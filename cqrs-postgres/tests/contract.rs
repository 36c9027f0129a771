//! The contract suite of the core, on a database of its own for each case.

#![allow(clippy::unwrap_used)]

mod common;

use cqrs_core::test::Fixture;
use cqrs_core::{event_store_contract, view_store_contract};

async fn open() -> Fixture {
    let (postgres, database) = common::open().await;
    Fixture::new(postgres.stores(), database)
}

event_store_contract!(open);
view_store_contract!(open);
