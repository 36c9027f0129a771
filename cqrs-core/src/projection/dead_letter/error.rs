//! ⑦ What goes wrong with dead letters themselves.

use std::sync::Arc;
use std::time::Duration;

use super::LetterId;
use crate::projection::ProjectionFailure;
use crate::store::StoreError;

/// Why dead letters were not read, or nothing became of a request.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum DeadLetterError {
    /// No projection or subscription of this application has the name.
    #[error(
        "`{name}` is neither a projection nor a subscription of this app: register it where the app is built, or check the name"
    )]
    NotRegistered {
        /// The name.
        name: String,
    },
    /// The letter does not wait any more: it was resolved or discarded, or never was there.
    #[error("`{view}` has no dead letter {id} that waits: list them anew")]
    NotFound {
        /// The projection or subscription.
        view: &'static str,
        /// The letter.
        id: LetterId,
    },
    /// The letter's event is not in the log.
    #[error("`{view}`: the event of the dead letter {id} is no longer in the log")]
    EventGone {
        /// The projection or subscription.
        view: &'static str,
        /// The letter.
        id: LetterId,
    },
    /// The store failed.
    #[error("the dead letters of `{view}`")]
    Store {
        /// The projection or subscription.
        view: &'static str,
        /// What the database says.
        #[source]
        source: StoreError,
    },
    /// The request is stored, and this process's worker stands still.
    #[error("the request is stored and waits for a worker: {0}")]
    Stopped(Arc<ProjectionFailure>),
    /// The request is stored, and no worker has answered it yet.
    #[error(
        "the request to `{view}` is stored and was not carried out within {waited:?}; a worker does it when it holds the lease"
    )]
    TimedOut {
        /// The projection or subscription.
        view: &'static str,
        /// How long was waited.
        waited: Duration,
    },
}

crate::store::debug_as_text!(DeadLetterError);
