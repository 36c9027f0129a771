//! From the commit to the row: the view's own transaction, right after the commit, without any wait.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, ensure};
use hdrhistogram::Histogram;

use super::catch_up::Follower;
use super::commands::Store;
use super::log;
use crate::workload::{self, Tally};

/// Microseconds from the commit to the row.
pub(crate) async fn visible(path: &Path, commands: u64) -> Result<Histogram<u64>> {
    log::fill(path, workload::opened(1)).await?;
    let writer = Store::open(path).await?;
    let mut view = Follower::create(path).await?;
    view.catch_up().await?;
    let mut times = Histogram::new(3)?;
    for number in 1..=commands {
        let (command, balance) = workload::swing(number);
        writer.execute(command).await?;
        let committed = Instant::now();
        view.step().await?;
        times.record(committed.elapsed().as_micros() as u64)?;
        let expected = Tally { count: 1, balance };
        ensure!(view.tally().await? == expected, "the view is behind");
    }
    Ok(times)
}
