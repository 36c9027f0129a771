//! Applications on Postgres as those who operate them meet them: what they say of themselves, backups, and
//! failures in every state.

#![cfg(feature = "postgres")]
#![allow(missing_docs, clippy::expect_used, clippy::unwrap_used)]

mod backup;
mod disk;
mod domain;
mod health;
mod lost;
mod restart;
mod silence;
