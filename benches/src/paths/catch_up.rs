//! Catching up with a view from the beginning of a long log.

use std::time::Instant;

use anyhow::{Result, ensure};

use crate::bench::Bench;
use crate::engine::{Engine, Follower as _, Store as _};
use crate::row::{Goal, Path, Row};
use crate::{ours, workload};

/// A row of the table, and how long its log is.
#[derive(Clone, Copy)]
pub(crate) struct Log {
    pub(crate) path: Path,
    events: u64,
}

pub(crate) const SHORT: Log = Log::new("catch-up of a view, 100,000 events", 100_000);
pub(crate) const LONG: Log = Log::new("catch-up of a view, 1,000,000 events", 1_000_000);

impl Log {
    const fn new(name: &'static str, events: u64) -> Self {
        let path = Path {
            name,
            unit: "events/s",
            goal: Goal::Ratio(0.8),
        };
        Self { path, events }
    }

    /// A short pass cannot take turns within itself, so there are more of them.
    fn passes(self, bench: &Bench) -> usize {
        match self.events {
            ..=100_000 => bench.passes * 2 - 1,
            _ => bench.passes,
        }
    }
}

/// The same log on both sides, each in a store of its own without a view.
pub(crate) struct Logs<E: Engine> {
    pub(crate) ours: E::Store,
    pub(crate) raw: E::Store,
}

impl<E: Engine> Logs<E> {
    pub(crate) async fn fill(engine: &E, events: u64) -> Result<Self> {
        let ours = engine.create(&format!("ours-log-{events}")).await?;
        let raw = engine.create(&format!("raw-log-{events}")).await?;
        ours::log::fill(&ours.url(), workload::log(events)).await?;
        E::fill(&raw.url(), workload::log(events)).await?;
        for store in [&ours, &raw] {
            engine.settle(store).await?;
        }
        Ok(Self { ours, raw })
    }

    async fn copy(&self, engine: &E) -> Result<Self> {
        Ok(Self {
            ours: engine.copy(&self.ours, "ours").await?,
            raw: engine.copy(&self.raw, "raw").await?,
        })
    }

    /// Events a second of both sides, for whom there is no view yet.
    async fn pass(&self, events: u64) -> Result<(f64, f64)> {
        let view = workload::view_of_log(events);
        let our_rate = ours::catch_up::pass(&self.ours.url(), events, view).await?;
        Ok((our_rate, raw_pass::<E>(&self.raw.url(), events).await?))
    }
}

pub(crate) async fn catch_up<E: Engine>(bench: &Bench, engine: &E, log: Log) -> Result<Row> {
    let logs = Logs::fill(engine, log.events).await?;
    if bench.quick {
        return Row::measure(log.path, 1, async || logs.pass(log.events).await).await;
    }
    let pass = async || logs.copy(engine).await?.pass(log.events).await;
    // The warm-up: a catch-up is over too soon to have one within each pass.
    pass().await?;
    Row::measure(log.path, log.passes(bench), pass).await
}

/// Events a second in one pass over a log of so many.
async fn raw_pass<E: Engine>(url: &str, events: u64) -> Result<f64> {
    let started = Instant::now();
    let mut view = E::follow(url).await?;
    view.catch_up().await?;
    let elapsed = started.elapsed();
    let (shown, expected) = (view.tally().await?, workload::view_of_log(events));
    ensure!(shown == expected, "{shown:?} instead of {expected:?}");
    Ok(events as f64 / elapsed.as_secs_f64())
}
