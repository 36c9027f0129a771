//! How many events projections and subscriptions take in a second, measured over the last ten.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use cqrs::prelude::*;

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(1);

/// Over how many looks it is measured.
const LOOKS: usize = 11;

type Looks = VecDeque<(Instant, u64)>;

/// The rates by name. The clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rates {
    looks: Arc<Mutex<HashMap<&'static str, Looks>>>,
}

impl Rates {
    /// Measures for as long as it is awaited.
    pub(crate) async fn measure(self, app: App) {
        let mut tick = tokio::time::interval(EVERY);
        loop {
            tick.tick().await;
            for status in app.projections().into_iter().chain(app.subscriptions()) {
                self.look(status.name, Instant::now(), status.events);
            }
        }
    }

    fn look(&self, name: &'static str, at: Instant, events: u64) {
        let mut all = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
        let looks = all.entry(name).or_default();
        looks.push_back((at, events));
        while looks.len() > LOOKS {
            looks.pop_front();
        }
    }

    /// Events a second; 0 before the second look.
    pub(super) fn of(&self, name: &str) -> f64 {
        let all = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
        let looks = all.get(name);
        let ends = looks.and_then(|looks| Some((looks.front()?, looks.back()?)));
        let Some(((from, before), (to, after))) = ends else {
            return 0.0;
        };
        let seconds = to.duration_since(*from).as_secs_f64();
        match seconds > 0.0 {
            true => after.saturating_sub(*before) as f64 / seconds,
            false => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_that_of_the_last_looks() {
        let rates = Rates::default();
        let begin = Instant::now();
        assert_eq!(rates.of("orders"), 0.0);
        for second in 0..20_u32 {
            let events = u64::from(second.saturating_sub(15)) * 100;
            rates.look("orders", begin + EVERY * second, events);
        }
        assert_eq!(rates.of("orders"), 40.0);
    }
}
