//! Catching up with a view: a projection that starts at the beginning of a long log.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use cqrs::{App, Open as _};

use crate::domain::Balance;
use crate::workload::Tally;

/// Longer than any catch-up here takes, on the slowest disk.
const PATIENCE: Duration = Duration::from_secs(600);

/// Events a second in one pass over so many, after which the view holds this.
pub(crate) async fn pass(url: &str, events: u64, expected: Tally) -> Result<f64> {
    let started = Instant::now();
    let app = catch_up(url).await?;
    let elapsed = started.elapsed();
    let shown = tally(&app).await?;
    ensure!(shown == expected, "{shown:?} instead of {expected:?}");
    app.shutdown().await;
    Ok(events as f64 / elapsed.as_secs_f64())
}

/// The application, once its view shows the whole log.
pub(crate) async fn catch_up(url: &str) -> Result<App> {
    let app = App::open(url)
        .project::<Balance>()
        .wait_timeout(PATIENCE)
        .await?;
    app.wait_for::<Balance>(app.head().await?.position).await?;
    Ok(app)
}

async fn tally(app: &App) -> Result<Tally> {
    let mut tally = Tally {
        count: 0,
        balance: 0,
    };
    let mut page = app.view::<Balance>().page(1000).await?;
    loop {
        tally.count += page.rows.len() as u64;
        tally.balance += page.iter().map(|row| row.balance).sum::<u64>();
        let Some(next) = page.next else {
            return Ok(tally);
        };
        page = app.view::<Balance>().after(next).page(1000).await?;
    }
}
