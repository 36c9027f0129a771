//! Loading one long stream and folding it.

use anyhow::Result;

use crate::bench::Bench;
use crate::engine::{Engine, Store as _};
use crate::row::{Goal, Path, Row};
use crate::session::in_turn;
use crate::{ours, workload};

pub(super) const EVENTS: u64 = 10_000;
pub(super) const WARM_UP: u64 = 3;

pub(crate) const LOAD: Path = Path {
    name: "load a stream of 10,000 events",
    unit: "events/s",
    goal: Goal::Ratio(0.9),
};

pub(crate) async fn load<E: Engine>(bench: &Bench, engine: &E) -> Result<Row> {
    let ours = engine.create("ours-stream").await?;
    let raw = engine.create("raw-stream").await?;
    ours::log::fill(&ours.url(), workload::long_stream(EVENTS)).await?;
    E::fill(&raw.url(), workload::long_stream(EVENTS)).await?;
    let our_side = ours::load::open(EVENTS, &ours.url()).await?;
    let raw_side = E::load(&raw.url(), EVENTS).await?;
    let pass = async || in_turn(bench, WARM_UP, &our_side, &raw_side).await;
    let loads = Row::measure(LOAD, bench.passes, pass).await?;
    Ok(loads.times(EVENTS as f64))
}
