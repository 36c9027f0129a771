//! ⑨ Queries: typed questions to a view, the same on every view store.

mod column;
mod cursor;
mod error;
mod page;
mod read;

pub use self::column::{Column, Filter, Indexed, Operand, Order};
pub use self::cursor::{Cursor, InvalidCursor};
pub use self::error::QueryError;
pub use self::page::Page;
pub use self::read::{Changed, Query, View, ViewChange};
pub(crate) use self::read::{Registered, Table};
