//! From the commit of a command to the row of a view that follows live.

use anyhow::Result;
use hdrhistogram::Histogram;

use crate::bench::Bench;
use crate::engine::{Engine, Store as _};
use crate::ours;
use crate::row::{Goal, Path, Row};

pub(crate) const VISIBLE: Path = Path {
    name: "commit to visible, p99",
    unit: "ms",
    goal: Goal::AtMost(10.0),
};

/// On SQLite the raw side is a bound from below: it writes the row itself and waits for nobody.
pub(crate) async fn visible<E: Engine>(bench: &Bench, engine: &E) -> Result<Row> {
    let commands = if bench.quick { 200 } else { 500 };
    let mut medians = Vec::new();
    let pass = async || {
        let (ours, raw) = (engine.create("ours").await?, engine.create("raw").await?);
        let our_times = ours::visible::visible(&ours.url(), commands).await?;
        let raw_times = E::visible(&raw.url(), commands).await?;
        medians.push(milliseconds(&our_times, 0.5));
        Ok((
            milliseconds(&our_times, 0.99),
            milliseconds(&raw_times, 0.99),
        ))
    };
    let mut row = Row::measure(VISIBLE, bench.passes, pass).await?;
    let median = crate::row::median(medians);
    row.note = Some(format!("p50 {median:.1} ms"));
    Ok(row)
}

fn milliseconds(times: &Histogram<u64>, quantile: f64) -> f64 {
    times.value_at_quantile(quantile) as f64 / 1000.0
}
