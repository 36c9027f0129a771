//! The shop as a process, and many visitors who shop in it at once: for benchmarks and tests.
//!
//! - [`Leash`]: a process that never outlives the one that started it; [`OpenShop`]: the shop as one
//! - [`load`]: visitors who shop, what they were told, and whether it is true
//! - [`pages`]: how long and how large each page is

#![cfg(unix)]

mod client;
mod leash;
pub mod load;
pub mod pages;
mod shop;
mod times;

pub use self::leash::Leash;
pub use self::shop::{OpenShop, import};
pub use self::times::Times;
