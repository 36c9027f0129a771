//! From the commit to the row: the view's own transaction, right after the commit, without any wait.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, ensure};
use hdrhistogram::Histogram;

use super::catch_up::Follower;
use super::commands::Store;
use crate::engine::Follower as _;
use crate::workload;

/// Microseconds from the commit to the row.
pub(crate) async fn visible(path: &Path, commands: u64) -> Result<Histogram<u64>> {
    let before = workload::history().chain(workload::opened(1));
    let writer = Store::create(path, before).await?;
    let mut view = Follower::create(path).await?;
    view.catch_up().await?;
    let account = workload::account(0);
    let mut times = Histogram::new(3)?;
    for number in 1..=commands {
        let (command, balance) = workload::swing(number);
        writer.execute(command).await?;
        let committed = Instant::now();
        view.step().await?;
        times.record(committed.elapsed().as_micros() as u64)?;
        ensure!(
            view.balance(account.as_str()).await? == balance,
            "the view is behind"
        );
    }
    Ok(times)
}
