//! The guide: one page for each task. Its code is compiled and run with the tests.
//!
//! - [`hooks`]: authorise, validate, add metadata and measure around every command

#[doc = include_str!("../docs/guide/hooks.md")]
pub mod hooks {}
