//! The pages, asked through the router without a network, on a store of their own.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../common/mod.rs"]
mod common;

mod browser;
mod guards;
mod history;
mod mistakes;
mod operations;
mod orders;
mod pages;
mod sales;
mod shopping;
mod system;
