//! The subscription: every event of the log was handed over, and for the first time after all those
//! before it. Again is allowed, as the last ones after a kill: whoever keeps the position, as the guide
//! says, has each once.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use cqrs::projection::ProjectionState;
use cqrs::subscription::SubscriptionOptions;
use cqrs::{App, Position, Recorded};
use tokio_stream::StreamExt;
use uuid::Uuid;

use super::{Findings, Kind};
use crate::child::subscription::{NAME, subscribe};
use crate::domain::LedgerEvent;

const PATIENCE: Duration = Duration::from_secs(30);

/// An event's position and id.
type Mark = (u64, Uuid);

/// Carries the subscription on to the log's end, as the next process would, and looks at the record.
pub(super) async fn check(
    app: &App,
    record: &Path,
    events: &[Recorded<LedgerEvent>],
    findings: &mut Findings,
) -> Result<()> {
    subscribe(app, record, SubscriptionOptions::default()).await?;
    let end = events
        .last()
        .map_or(Position::START, |event| event.position);
    let caught_up = tokio::time::timeout(PATIENCE, catch_up(app, end)).await;
    if let Some(stopped) = caught_up.context("the subscription did not catch up")?? {
        findings.add(Kind::Lost, stopped);
        return Ok(());
    }
    let log = events.iter();
    let log: Vec<Mark> = log
        .map(|event| (event.position.get(), event.event_id))
        .collect();
    let record = std::fs::read_to_string(record)?;
    let delivered: Option<Vec<Mark>> = record.lines().map(mark).collect();
    let delivered = delivered.context("the subscription's record has lines of another form")?;
    findings.delivered = delivered.len() as u64;
    compare(&log, &delivered, findings);
    Ok(())
}

/// Why the subscription has stopped before the end, if it has.
async fn catch_up(app: &App, end: Position) -> Result<Option<String>> {
    let mut statuses = app.watch_subscription(NAME).context("no subscription")?;
    while let Some(status) = statuses.next().await {
        if let ProjectionState::Stopped(failure) = &status.state {
            return Ok(Some(failure.to_string()));
        }
        if status.position >= end {
            break;
        }
    }
    Ok(None)
}

fn mark(line: &str) -> Option<Mark> {
    let (position, id) = line.split_once(' ')?;
    Some((position.parse().ok()?, id.parse().ok()?))
}

fn compare(log: &[Mark], delivered: &[Mark], findings: &mut Findings) {
    let log: BTreeMap<u64, Uuid> = log.iter().copied().collect();
    let mut seen: BTreeMap<u64, Uuid> = BTreeMap::new();
    for (position, id) in delivered {
        if log.get(position) != Some(id) {
            findings.add(
                Kind::Doubled,
                format!("{id} was handed over as {position}, where the log has another or none"),
            );
        }
        let last = seen.last_key_value().map_or(0, |(last, _)| *last);
        if seen.insert(*position, *id).is_none() && *position < last {
            let fault = format!("{position} was handed over for the first time after {last}");
            findings.add(Kind::Reordered, fault);
        }
    }
    for position in log.keys().filter(|position| !seen.contains_key(position)) {
        findings.add(Kind::Lost, format!("{position} was never handed over"));
    }
}
