//! From the commit to the row: NOTIFY in the append's transaction, LISTEN before each page.

use std::time::Instant;

use anyhow::{Result, ensure};
use hdrhistogram::Histogram;
use sqlx::Connection as _;
use sqlx::postgres::PgListener;
use tokio::sync::mpsc;

use super::catch_up::Follower;
use super::{commands, connect, log};
use crate::engine::Follower as _;
use crate::workload;

const CHANNEL: &str = "events";

/// Microseconds from the commit to the row.
pub(crate) async fn visible(url: &str, commands: u64) -> Result<Histogram<u64>> {
    log::fill(url, workload::history().chain(workload::opened(1))).await?;
    let mut view = Follower::create(url).await?;
    view.catch_up().await?;
    let (shown, mut shows) = mpsc::channel(1);
    let mut listener = PgListener::connect(url).await?;
    listener.listen(CHANNEL).await?;
    let follower = tokio::spawn(async move {
        for number in 1..=commands {
            listener.recv().await?;
            view.step().await?;
            shown.send(Instant::now()).await?;
            let balance = view.balance(workload::account(0).as_str()).await?;
            ensure!(balance == workload::swing(number).1, "the view is behind");
        }
        anyhow::Ok(())
    });
    let times = send(url, commands, &mut shows).await?;
    follower.await??;
    Ok(times)
}

async fn send(
    url: &str,
    commands: u64,
    shows: &mut mpsc::Receiver<Instant>,
) -> Result<Histogram<u64>> {
    let mut connection = connect(url).await?;
    let mut times = Histogram::new(3)?;
    for number in 1..=commands {
        let mut transaction = connection.begin().await?;
        commands::handle(&mut transaction, workload::swing(number).0).await?;
        sqlx::query(include_str!("sql/notify.sql"))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        let committed = Instant::now();
        let Some(shown) = shows.recv().await else {
            break;
        };
        // The notification may come before the answer to the commit.
        let passed = shown.saturating_duration_since(committed);
        times.record(passed.as_micros() as u64)?;
    }
    Ok(times)
}
