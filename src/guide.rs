//! The guide: one page for each task. Its code is compiled and run with the tests.
//!
//! - [`hooks`]: authorise, validate, add metadata and measure around every command
//! - [`uniqueness`]: an e-mail address is taken once, whichever account takes it

#[doc = include_str!("../docs/guide/hooks.md")]
pub mod hooks {}

#[doc = include_str!("../docs/guide/uniqueness.md")]
pub mod uniqueness {}
