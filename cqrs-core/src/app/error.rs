//! Why an application did not start.

use crate::store::StoreError;

/// Why an application did not start.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The address is not one of a store that this build knows.
    #[error("`{url}` is not the address of a store: {reason}")]
    Url {
        /// The address, without a password.
        url: String,
        /// What is wrong and what to write.
        reason: String,
    },
    /// A store could not be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A view could not be opened.
    #[error("the view `{view}` cannot be opened")]
    View {
        /// The view's name.
        view: &'static str,
        /// What the database says.
        source: StoreError,
    },
    /// Two projections have one name.
    #[error(
        "the view `{view}` is registered twice: keep one `.project`, or give one of the two projections another `name`"
    )]
    DuplicateView {
        /// The name.
        view: &'static str,
    },
    /// The checkpoint of a subscription could not be opened.
    #[error("the subscription `{name}` cannot be opened")]
    Subscription {
        /// The subscription's name.
        name: &'static str,
        /// What the database says.
        source: StoreError,
    },
    /// A subscription has the name of a view or of another subscription.
    #[error(
        "the name `{name}` is taken by a view or a subscription of this app: give the subscription another one"
    )]
    DuplicateSubscription {
        /// The name.
        name: &'static str,
    },
}

crate::store::debug_as_text!(OpenError);
