//! The ideas of `cqrs`, without a database: traits, command execution, projections and the
//! in-memory stores. Applications use the facade crate `cqrs`; stores are written against this one.
//!
//! In the order in which data flows:
//!
//! - ① [`command`]: orders, and [`id`]: whom they are for
//! - ② [`handler`]: the pure decision; [`execute`]: load, decide, append, retry; [`hook`]: around it
//! - ③ [`aggregate`]: the state that decisions are taken on
//!   and their [`snapshot`]s
//! - ④ [`event`]: past facts and how they are stored; [`metadata`]
//! - ⑤ [`store`]: the event store's contract and the one in memory; [`stream`]
//! - ⑥ [`subscription`]: reading the log, catching up, then live; [`checkpoint`]
//! - ⑦ [`projection`]: what events do to the rows of a view
//! - ⑧ [`view`]: the view store's contract and the one in memory
//! - ⑨ [`query`]: typed questions to a view
//! - [`app`]: all of it behind one handle; [`health`]: how it is

pub mod aggregate;
pub mod app;
pub mod checkpoint;
pub mod command;
pub mod event;
pub mod execute;
pub mod handler;
pub mod health;
pub mod hook;
pub mod id;
pub mod metadata;
pub mod projection;
pub mod query;
pub mod snapshot;
pub mod store;
pub mod stream;
pub mod subscription;
#[cfg(feature = "test")]
pub mod test;
pub mod view;

mod fingerprint;
mod panic;
mod time;

use std::future::Future;
use std::pin::Pin;

/// A boxed future that can move between threads: what the stores behind `dyn` return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
