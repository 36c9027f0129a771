//! ② How often and how fast a failed step is tried again.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

/// How often a step is tried again, and the pauses in between: doubling, with jitter.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use cqrs::RetryPolicy;
///
/// let patient = RetryPolicy::new(20, Duration::from_millis(1), Duration::from_millis(200));
/// let never = RetryPolicy::none();
/// # let _ = (patient, never);
/// ```
#[derive(Debug, Clone)]
pub struct RetryPolicy {
    backoff: Option<ExponentialBuilder>,
}

impl RetryPolicy {
    /// Up to `retries` times, pausing about `first` before the first retry and then twice as long
    /// each time, up to `longest`; jitter can double a pause.
    pub fn new(retries: usize, first: Duration, longest: Duration) -> Self {
        let backoff = ExponentialBuilder::default()
            .with_jitter()
            .with_min_delay(first)
            .with_max_delay(longest)
            .with_max_times(retries);
        Self {
            backoff: Some(backoff),
        }
    }

    /// The first failure is final.
    pub fn none() -> Self {
        Self { backoff: None }
    }

    /// The pauses before each retry; it ends when there is none left.
    pub(crate) fn pauses(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        self.backoff.into_iter().flat_map(|backoff| backoff.build())
    }
}

/// What commands do on a conflict unless told otherwise.
pub(crate) fn on_conflict() -> RetryPolicy {
    RetryPolicy::new(10, Duration::from_millis(1), Duration::from_millis(100))
}

/// What a projection does on a failing event unless told otherwise: three to six seconds.
pub(crate) fn on_failing_event() -> RetryPolicy {
    RetryPolicy::new(5, Duration::from_millis(100), Duration::from_secs(5))
}

/// What a projection does while its database is away: for ever.
pub(crate) fn on_unreachable_store() -> RetryPolicy {
    RetryPolicy::new(
        usize::MAX,
        Duration::from_millis(50),
        Duration::from_secs(5),
    )
}
