//! From the commit of a command to the row of a view that follows live.

use anyhow::Result;
use hdrhistogram::Histogram;

use crate::bench::Bench;
use crate::row::{Goal, Path, Row};
use crate::{ours, raw};

pub(crate) const VISIBLE: Path = Path {
    name: "commit to visible, p99",
    unit: "ms",
    goal: Goal::AtMost(10.0),
};

/// The raw side is a bound from below: it writes the row itself and waits for nobody.
pub(crate) async fn visible(bench: &Bench) -> Result<Row> {
    let commands = if bench.quick { 200 } else { 500 };
    let mut medians = Vec::new();
    let pass = async || {
        let (ours, raw) = (bench.file("ours"), bench.file("raw"));
        let our_times = ours::visible::visible(&ours.url(), commands).await?;
        let raw_times = raw::sqlite::visible::visible(raw.path(), commands).await?;
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
