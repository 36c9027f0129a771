//! Loading one long stream and folding it.

use anyhow::Result;

use crate::bench::Bench;
use crate::row::{Goal, Path, Row};
use crate::session::in_turn;
use crate::{ours, raw, workload};

const EVENTS: u64 = 10_000;
const WARM_UP: u64 = 3;

pub(crate) const LOAD: Path = Path {
    name: "load a stream of 10,000 events",
    unit: "events/s",
    goal: Goal::Ratio(0.9),
};

pub(crate) async fn load(bench: &Bench) -> Result<Row> {
    let (ours, raw) = (bench.file("ours-stream"), bench.file("raw-stream"));
    ours::log::fill(&ours.url(), workload::long_stream(EVENTS)).await?;
    raw::sqlite::log::fill(raw.path(), workload::long_stream(EVENTS)).await?;
    let our_side = ours::load::open(EVENTS, &ours.url()).await?;
    let raw_side = raw::sqlite::load::open(EVENTS, raw.path()).await?;
    let pass = async || in_turn(bench, WARM_UP, &our_side, &raw_side).await;
    let loads = Row::measure(LOAD, bench.passes, pass).await?;
    Ok(loads.times(EVENTS as f64))
}
