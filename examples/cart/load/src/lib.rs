//! The shop as a process, and many visitors who shop in it at once: for benchmarks and tests.
//!
//! - [`Leash`]: a process that never outlives the one that started it; [`OpenShop`]: the shop as one

#![cfg(unix)]

mod leash;
mod shop;

pub use self::leash::Leash;
pub use self::shop::OpenShop;
