//! ⑥ How one subscription runs, where it differs from the rest.

use std::sync::Arc;
use std::time::Duration;

use crate::execute::RetryPolicy;
use crate::projection::{OnFailure, ProjectionOptions, StartFrom};
use crate::view::ViewStore;

/// How one subscription runs, for [`App::subscribe_with`](crate::app::App::subscribe_with).
///
/// # Example
///
/// ```
/// use cqrs::projection::{OnFailure, StartFrom};
/// use cqrs::subscription::SubscriptionOptions;
///
/// let options = SubscriptionOptions::default()
///     .start_from(StartFrom::Now)
///     .on_failure(OnFailure::DeadLetter);
/// # let _ = options;
/// ```
#[derive(Debug, Clone, Default)]
pub struct SubscriptionOptions {
    pub(crate) options: ProjectionOptions,
}

impl SubscriptionOptions {
    /// Where a new subscription begins; one that exists goes on where it stands.
    #[must_use]
    pub fn start_from(self, start: StartFrom) -> Self {
        self.with(|options| options.start_from(start))
    }

    /// How many events are read at once, 1000 unless said otherwise. The checkpoint is stored after
    /// each page, and each second within one: a crash hands so many events to the handler again.
    #[must_use]
    pub fn page_size(self, events: usize) -> Self {
        self.with(|options| options.page_size(events))
    }

    /// How often a failing event is tried again before it has failed for good.
    #[must_use]
    pub fn retry(self, retry: RetryPolicy) -> Self {
        self.with(|options| options.retry(retry))
    }

    /// What becomes of an event that has failed for good: the subscription stops unless said
    /// otherwise.
    #[must_use]
    pub fn on_failure(self, on_failure: OnFailure) -> Self {
        self.with(|options| options.on_failure(on_failure))
    }

    /// How long the lease lasts without being renewed, 4 s unless said otherwise: after that time
    /// another process takes over from one that died. A handler may take longer.
    #[must_use]
    pub fn lease(self, lease: Duration) -> Self {
        self.with(|options| options.lease(lease))
    }

    /// Keeps checkpoint and dead letters in another store than the application's views.
    #[must_use]
    pub fn on(self, views: Arc<dyn ViewStore>) -> Self {
        self.with(|options| options.on(views))
    }

    fn with(self, change: impl FnOnce(ProjectionOptions) -> ProjectionOptions) -> Self {
        let options = change(self.options);
        Self { options }
    }
}
