//! Why an application did not start.

use crate::store::StoreError;

/// Why an application did not start.
#[derive(Debug, Clone, thiserror::Error)]
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
    #[error("two projections are named `{view}`; give one of them another `name`")]
    DuplicateView {
        /// The name.
        view: &'static str,
    },
}
