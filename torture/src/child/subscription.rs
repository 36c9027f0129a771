//! A subscription whose handler records outside the store what it is handed, and in which order.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use cqrs::projection::ProjectionState;
use cqrs::subscription::SubscriptionOptions;
use cqrs::{App, Recorded};
use tokio_stream::StreamExt;

use super::until_open;
use crate::domain::LedgerEvent;
use crate::report::{Report, tell};

pub(crate) const NAME: &str = "record";

pub(crate) async fn subscribe(
    app: &App,
    record: &Path,
    options: SubscriptionOptions,
) -> Result<()> {
    let record = OpenOptions::new().create(true).append(true).open(record)?;
    let record = Arc::new(record);
    until_open(async || {
        let record = Arc::clone(&record);
        let handler = move |event| {
            let record = Arc::clone(&record);
            async move { note(&record, &event) }
        };
        app.subscribe_with(NAME, options.clone(), handler).await
    })
    .await
}

/// One write for each: a kill leaves the whole line or none, and those of several processes are in
/// the order in which they were written.
fn note(mut record: &File, event: &Recorded<LedgerEvent>) -> io::Result<()> {
    let line = format!("{} {}\n", event.position, event.event_id);
    record.write_all(line.as_bytes())
}

/// It must never stop by itself.
pub(super) async fn watch(app: &App) -> Result<()> {
    let mut statuses = app.watch_subscription(NAME).context("no subscription")?;
    while let Some(status) = statuses.next().await {
        if let ProjectionState::Stopped(failure) = &status.state {
            tell(&Report::Fault(failure.to_string()))?;
            std::future::pending::<()>().await;
        }
    }
    bail!("the subscription's worker ended")
}
