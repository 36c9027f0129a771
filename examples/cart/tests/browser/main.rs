//! The shop in a real Chromium, as people use it. `cargo xtask browser` runs these.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod browser;
mod driver;
mod shop;

mod history;
mod keyboard;
mod looks;
mod mistakes;
mod orphans;
mod plain;
mod sales;
mod shopping;
mod system;
