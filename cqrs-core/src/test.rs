//! The test kit: given / when / then for domains, and the contract suites that a store must pass.

mod aggregate;
mod difference;
mod projection;

#[doc(hidden)]
pub mod contract;

pub use self::aggregate::{Given, Outcome, given};
pub use self::contract::Fixture;
pub use self::projection::{GivenEvents, given_events};
