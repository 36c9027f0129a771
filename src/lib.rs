#![doc = include_str!("../README.md")]

extern crate self as cqrs;

mod open;

pub use cqrs_core::BoxFuture;
pub use cqrs_core::aggregate::{Aggregate, Apply, IdOf};
pub use cqrs_core::app::{App, AppBuilder, OpenError};
pub use cqrs_core::command::{self, Command, Existence};
pub use cqrs_core::event::{self, Event, Recorded, StoredEvent};
pub use cqrs_core::execute::{
    AsOf, ExecuteError, HistoryEntry, LoadError, Loaded, Receipt, RetryPolicy,
};
pub use cqrs_core::handler::{Context, Decision, Handle, ensure};
pub use cqrs_core::health;
pub use cqrs_core::hook::{self, CommandHook};
pub use cqrs_core::id::{AnyId, Id};
pub use cqrs_core::metadata::Metadata;
pub use cqrs_core::projection::{self, Project, Projection, Rows};
pub use cqrs_core::query::{self, Cursor, Page, QueryError};
pub use cqrs_core::snapshot;
pub use cqrs_core::store;
pub use cqrs_core::stream::{self, Expected, Position, StreamId};
pub use cqrs_core::subscription;
#[cfg(feature = "test")]
pub use cqrs_core::test;
pub use cqrs_core::view;
pub use cqrs_macros::{Aggregate, Command, Event, Id, Projection};
#[cfg(feature = "postgres")]
pub use cqrs_postgres as postgres;
#[cfg(feature = "sqlite")]
pub use cqrs_sqlite as sqlite;
pub use open::{Open, open_stores};

#[doc(hidden)]
pub mod doc;
#[cfg(any(doc, doctest))]
pub mod guide;
#[doc(hidden)]
pub mod private;

/// What a domain module needs: `use cqrs::prelude::*;`.
pub mod prelude {
    // Without a name, since `Open` is a likely name of a domain's command.
    pub use crate::Open as _;
    pub use crate::{
        Aggregate, App, Apply, Command, Context, Decision, Event, Handle, Id, Project, Projection,
        Recorded, Rows, ensure,
    };
    pub use serde::{Deserialize, Serialize};
}
