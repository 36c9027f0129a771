//! ⑦ How one projection runs, where it differs from the rest.

use std::sync::Arc;
use std::time::Duration;

use super::OnFailure;
use crate::checkpoint::Checkpoint;
use crate::execute::RetryPolicy;
use crate::store::LogHead;
use crate::stream::Position;
use crate::view::ViewStore;

/// Where a view that is made anew begins to follow the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StartFrom {
    /// With the first event: the view shows all of history.
    #[default]
    Beginning,
    /// With the next event: the view shows what happens from now on.
    Now,
    /// After this position.
    Position(Position),
}

/// A lease must outlive a page and the pauses between its renewals.
const SHORTEST_LEASE: Duration = Duration::from_millis(100);
const LONGEST_LEASE: Duration = Duration::from_secs(24 * 60 * 60);

/// How one projection runs, for `AppBuilder::project_with`.
///
/// # Example
///
/// ```
/// use cqrs::projection::{ProjectionOptions, StartFrom};
///
/// let options = ProjectionOptions::default().start_from(StartFrom::Now).page_size(200);
/// # let _ = options;
/// ```
#[derive(Clone)]
pub struct ProjectionOptions {
    pub(crate) start_from: StartFrom,
    pub(crate) page_size: usize,
    pub(crate) retry: RetryPolicy,
    pub(crate) on_failure: OnFailure,
    pub(crate) lease: Duration,
    pub(crate) drop_unused_after: Duration,
    pub(crate) views: Option<Arc<dyn ViewStore>>,
}

impl Default for ProjectionOptions {
    fn default() -> Self {
        Self {
            start_from: StartFrom::default(),
            page_size: 1000,
            retry: crate::execute::retry::on_failing_event(),
            on_failure: OnFailure::default(),
            lease: Duration::from_secs(4),
            drop_unused_after: Duration::from_secs(10 * 60),
            views: None,
        }
    }
}

impl ProjectionOptions {
    /// Where a new view begins; one that exists goes on where it stands.
    #[must_use]
    pub fn start_from(mut self, start: StartFrom) -> Self {
        self.start_from = start;
        self
    }

    /// How many events are projected at once, 1000 unless said otherwise: it bounds the memory.
    #[must_use]
    pub fn page_size(mut self, events: usize) -> Self {
        self.page_size = events.max(1);
        self
    }

    /// How often a failing event is tried again before it has failed for good.
    #[must_use]
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// What becomes of an event that has failed for good: the projection stops unless said otherwise.
    #[must_use]
    pub fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = on_failure;
        self
    }

    /// How long the lease lasts without being renewed, 4 s unless said otherwise: after that time
    /// another process takes over from one that died. At least 100 ms, at most a day.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease.clamp(SHORTEST_LEASE, LONGEST_LEASE);
        self
    }

    /// How long the table of an older or newer shape of the view is kept after nobody renews its lease
    /// any more, 10 minutes unless said otherwise: as long as older code may be put back and go on.
    #[must_use]
    pub fn drop_unused_after(mut self, unused: Duration) -> Self {
        self.drop_unused_after = unused;
        self
    }

    /// Keeps the view in another store than the application's other views.
    #[must_use]
    pub fn on(mut self, views: Arc<dyn ViewStore>) -> Self {
        self.views = Some(views);
        self
    }

    /// The checkpoint of a view that is made anew.
    pub(crate) fn initial(&self, head: LogHead) -> Checkpoint {
        match self.start_from {
            StartFrom::Beginning => Checkpoint::new(head.log_id, Position::START, None),
            StartFrom::Now => Checkpoint::new(head.log_id, head.position, head.event),
            StartFrom::Position(position) => Checkpoint::new(head.log_id, position, None),
        }
    }
}

impl std::fmt::Debug for ProjectionOptions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ProjectionOptions")
            .field("start_from", &self.start_from)
            .field("page_size", &self.page_size)
            .field("retry", &self.retry)
            .field("on_failure", &self.on_failure)
            .field("lease", &self.lease)
            .field("drop_unused_after", &self.drop_unused_after)
            .finish_non_exhaustive()
    }
}
