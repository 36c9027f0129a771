//! ⑨ Queries: typed questions to a view, the same on every view store.

mod column;
mod cursor;
mod error;
mod highlight;
mod page;
mod read;
mod search;

pub use self::column::{Column, Filter, FullText, Indexed, Operand, Order};
pub use self::cursor::{Cursor, InvalidCursor};
pub use self::error::QueryError;
pub use self::highlight::{Fragment, Highlight, Part};
pub use self::page::Page;
pub use self::read::{Changed, Query, View, ViewChange};
pub(crate) use self::read::{Registered, Table};
pub use self::search::{Hit, Search, Searchable};
