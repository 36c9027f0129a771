//! ⑨ Why a query was not answered.

use std::sync::Arc;
use std::time::Duration;

use super::InvalidCursor;
use crate::projection::ProjectionFailure;
use crate::store::StoreError;
use crate::stream::Position;
use crate::view::ColumnError;

/// Why a query was not answered.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The view was never registered with the application.
    #[error(
        "the view `{view}` is not registered: add `.project::<{row}>()` where the app is built"
    )]
    NotRegistered {
        /// The view's name.
        view: &'static str,
        /// The type of its rows.
        row: &'static str,
    },
    /// The columns of the view changed, and it is built anew.
    #[error(
        "the view `{view}` is being built anew: {done} of {total} events are done; ask again, or wait with `wait_for`"
    )]
    Rebuilding {
        /// The view's name.
        view: &'static str,
        /// Events of the log that are behind it, counted by position.
        done: u64,
        /// Events of the log, counted by position.
        total: u64,
    },
    /// The store cannot be read.
    #[error("the view `{view}` cannot be read")]
    Store {
        /// The view's name.
        view: &'static str,
        /// What the database says.
        source: StoreError,
    },
    /// A row does not fit its type, or a value of the query does not fit its column.
    #[error("the view `{view}`: {reason}")]
    Column {
        /// The view's name.
        view: &'static str,
        /// Which column, and why.
        reason: ColumnError,
    },
    /// The cursor is not one of this query.
    #[error("the view `{view}`: {reason}")]
    Cursor {
        /// The view's name.
        view: &'static str,
        /// Why.
        reason: InvalidCursor,
    },
    /// The view will not come as far as was waited for.
    #[error(transparent)]
    Stopped(Arc<ProjectionFailure>),
    /// The application was shut down while somebody waited for the view.
    #[error("the app was shut down before the view `{view}` came to position {position}")]
    ShutDown {
        /// The view's name.
        view: &'static str,
        /// The position that was waited for.
        position: Position,
    },
    /// The view did not come as far as was waited for in time.
    #[error("the view `{view}` came to position {reached} and not to {position} within {waited:?}{}", trouble(.last_error))]
    TimedOut {
        /// The view's name.
        view: &'static str,
        /// The position that was waited for.
        position: Position,
        /// How far it came.
        reached: Position,
        /// How long was waited.
        waited: Duration,
        /// The projection's last trouble, if there was any.
        last_error: Option<Arc<str>>,
    },
}

fn trouble(last_error: &Option<Arc<str>>) -> String {
    match last_error {
        None => String::new(),
        Some(error) => format!("; its last trouble: {error}"),
    }
}

crate::store::debug_as_text!(QueryError);
