//! From the receipt to the row: `app.execute`, then `app.wait_for`.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use cqrs::{App, Open as _};
use hdrhistogram::Histogram;

use super::log;
use crate::domain::Balance;
use crate::workload;

/// Microseconds from the commit to the row.
pub(crate) async fn visible(url: &str, commands: u64) -> Result<Histogram<u64>> {
    let app = App::open(url).project::<Balance>().await?;
    log::append(&app, workload::history()).await?;
    let opened = app.execute(workload::open(0)).await?;
    app.wait_for::<Balance>(opened.position).await?;
    let mut times = Histogram::new(3)?;
    for number in 1..=commands {
        let (command, expected) = workload::swing(number);
        let receipt = app.execute(command).await?;
        let committed = Instant::now();
        app.wait_for::<Balance>(receipt.position).await?;
        times.record(committed.elapsed().as_micros() as u64)?;
        let row = app.view::<Balance>().get(&workload::account(0)).await?;
        let balance = row.context("the row is missing")?.balance;
        ensure!(balance == expected, "the view is behind");
    }
    app.shutdown().await;
    Ok(times)
}
