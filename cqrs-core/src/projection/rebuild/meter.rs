//! ⑦ How far a view is built, how fast, and how long it will take.

use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::stream::Position;

/// How far a view is built beside the one that answers.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RebuildProgress {
    /// The view's name.
    pub view: &'static str,
    /// Events of the log that are behind it, counted by position.
    pub done: u64,
    /// Events of the log when it was last looked at, counted by position.
    pub total: u64,
    /// How many events it passes in a second; 0 until the first page.
    pub events_per_second: f64,
    /// How long it will take at this rate; `None` while the rate is unknown.
    pub time_left: Option<Duration>,
    /// The worker of another process, where that one does it.
    pub done_by: Option<Uuid>,
}

impl RebuildProgress {
    pub(crate) fn new(view: &'static str) -> Self {
        Self {
            view,
            done: 0,
            total: 0,
            events_per_second: 0.0,
            time_left: None,
            done_by: None,
        }
    }
}

/// Measures from where it was started.
#[derive(Debug)]
pub(crate) struct Meter {
    begun: Instant,
    from: Position,
}

impl Meter {
    pub(crate) fn start(from: Position) -> Self {
        Self {
            begun: Instant::now(),
            from,
        }
    }

    pub(crate) fn progress(
        &self,
        view: &'static str,
        done: Position,
        total: Position,
    ) -> RebuildProgress {
        let (done, total) = (done.get(), total.get().max(done.get()));
        let passed = done.saturating_sub(self.from.get());
        let seconds = self.begun.elapsed().as_secs_f64();
        // Positions stay far below 2^52, where a float is exact.
        #[allow(clippy::cast_precision_loss)]
        let (passed, left) = (passed as f64, (total - done) as f64);
        let rate = if seconds > 0.0 { passed / seconds } else { 0.0 };
        let time_left = match rate > 0.0 {
            true => Duration::try_from_secs_f64(left / rate).ok(),
            false => None,
        };
        RebuildProgress {
            done,
            total,
            events_per_second: rate,
            time_left,
            ..RebuildProgress::new(view)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_and_time_left_come_from_what_was_passed_since_the_start() {
        let meter = Meter {
            begun: Instant::now() - Duration::from_secs(10),
            from: Position::new(100),
        };
        let progress = meter.progress("balances", Position::new(300), Position::new(500));
        assert_eq!((progress.done, progress.total), (300, 500));
        assert!(
            (progress.events_per_second - 20.0).abs() < 1.0,
            "{progress:?}"
        );
        let left = progress.time_left.map(|left| left.as_secs_f64());
        assert!(
            left.is_some_and(|left| (9.0..12.0).contains(&left)),
            "{progress:?}"
        );
    }

    #[test]
    fn nothing_is_foretold_before_the_first_page() {
        let meter = Meter::start(Position::new(7));
        let progress = meter.progress("balances", Position::new(7), Position::new(7));
        assert_eq!(progress.time_left, None);
        assert_eq!((progress.done, progress.total), (7, 7));
    }
}
