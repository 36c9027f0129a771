//! The stores in memory pass the contract suites.

use cqrs_core::store::Stores;
use cqrs_core::test::Fixture;

async fn open() -> Fixture {
    Fixture::new(Stores::memory(), ())
}

cqrs_core::event_store_contract!(open);
cqrs_core::view_store_contract!(open);
