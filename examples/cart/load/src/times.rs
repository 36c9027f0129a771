//! How long things took, by their name.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use hdrhistogram::Histogram;

/// Percentiles by name, to three digits.
#[derive(Debug, Clone, Default)]
pub struct Times {
    all: BTreeMap<&'static str, Histogram<u64>>,
}

impl Times {
    pub(crate) fn record(&mut self, name: &'static str, took: Duration) -> Result<()> {
        let microseconds = u64::try_from(took.as_micros())?;
        match self.all.get_mut(name) {
            Some(times) => times.record(microseconds)?,
            None => {
                let mut times = Histogram::new(3)?;
                times.record(microseconds)?;
                self.all.insert(name, times);
            }
        }
        Ok(())
    }

    pub(crate) fn add(&mut self, others: Self) -> Result<()> {
        for (name, others) in others.all {
            match self.all.get_mut(name) {
                Some(times) => times.add(others)?,
                None => drop(self.all.insert(name, others)),
            }
        }
        Ok(())
    }

    /// What was timed.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.all.keys().copied()
    }

    /// How often it was.
    pub fn number(&self, name: &str) -> u64 {
        self.all.get(name).map_or(0, Histogram::len)
    }

    /// The milliseconds within which this share of them was done, from 0 to 1.
    pub fn milliseconds(&self, name: &str, share: f64) -> f64 {
        let times = self.all.get(name);
        times.map_or(0.0, |times| times.value_at_quantile(share) as f64 / 1000.0)
    }
}
