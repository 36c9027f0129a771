//! ⑦ Dead letters: an event that cannot be projected holds up its own keys and nothing else.

#![allow(missing_docs, clippy::unwrap_used)]

mod asking;
mod domain;
mod faults;
mod holding;
mod properties;
