//! Catching up with a view from the beginning of a long log.

use anyhow::Result;

use crate::bench::{Bench, DatabaseFile};
use crate::row::{Goal, Path, Row};
use crate::{ours, raw, workload};

const EVENTS: u64 = 100_000;

pub(crate) const CATCH_UP: Path = Path {
    name: "catch-up of a view, 100,000 events",
    unit: "events/s",
    goal: Goal::Ratio(0.8),
};

/// The same log on both sides, each in a file of its own without a view.
pub(crate) struct Logs {
    pub(crate) ours: DatabaseFile,
    pub(crate) raw: DatabaseFile,
}

impl Logs {
    pub(crate) async fn fill(bench: &Bench, events: u64) -> Result<Self> {
        let ours = bench.file(&format!("ours-log-{events}"));
        let raw = bench.file(&format!("raw-log-{events}"));
        ours::log::fill(&ours.url(), workload::log(events)).await?;
        raw::sqlite::log::fill(raw.path(), workload::log(events)).await?;
        for file in [&ours, &raw] {
            raw::sqlite::settle(file.path()).await?;
        }
        Ok(Self { ours, raw })
    }
}

pub(crate) async fn catch_up(bench: &Bench) -> Result<Row> {
    let logs = Logs::fill(bench, EVENTS).await?;
    let pass = async || {
        let (ours, raw) = (
            bench.copy(&logs.ours, "ours")?,
            bench.copy(&logs.raw, "raw")?,
        );
        let our_rate = ours::catch_up::pass(EVENTS, &ours.url()).await?;
        Ok((
            our_rate,
            raw::sqlite::catch_up::pass(EVENTS, raw.path()).await?,
        ))
    };
    // The warm-up: a catch-up is over too soon to have one within each pass.
    pass().await?;
    // A pass is short and cannot take turns within itself, so there are more of them.
    Row::measure(CATCH_UP, bench.passes * 2 - 1, pass).await
}
