//! ⑦ Why a view was not built anew.

use std::sync::Arc;

use crate::projection::ProjectionFailure;
use crate::store::StoreError;

/// Why a view was not built anew. It answers as it did before.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RebuildError {
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
    /// The application has no view of this name.
    #[error("there is no view `{view}`; the views are {}", .known.join(", "))]
    Unknown {
        /// The name that was asked for.
        view: String,
        /// The names that there are.
        known: Vec<&'static str>,
    },
    /// The view begins with the event after its first start, and where that was is not known.
    #[error(
        "the view `{view}` starts from `Now`, so it cannot be rebuilt: start it from a position, or from the beginning"
    )]
    NoBeginning {
        /// The view's name.
        view: &'static str,
    },
    /// An event cannot be projected.
    #[error("the view `{view}` was not rebuilt and answers as before: {failure}")]
    Failed {
        /// The view's name.
        view: &'static str,
        /// At which event, and why.
        failure: Arc<ProjectionFailure>,
    },
    /// Newer code lets the view follow events that this code does not know.
    #[error(
        "the view `{view}` was not rebuilt and answers as before: newer code follows events that this code does not ({}); run the newer code",
        .events.join(", ")
    )]
    Outdated {
        /// The view's name.
        view: &'static str,
        /// The stored names of those events.
        events: Vec<String>,
    },
    /// The store failed.
    #[error("the view `{view}` was not rebuilt and answers as before")]
    Store {
        /// The view's name.
        view: &'static str,
        /// What the database says.
        source: StoreError,
    },
    /// The application was shut down meanwhile.
    #[error("the app was shut down before the view `{view}` was rebuilt; it answers as before")]
    ShutDown {
        /// The view's name.
        view: &'static str,
    },
}

crate::store::debug_as_text!(RebuildError);
