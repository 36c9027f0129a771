//! Events in and out of the framework's log.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use cqrs::store::{Append, ReadLog};
use cqrs::{Aggregate as _, App, Expected, Open as _, Position, StreamId};

use crate::domain::{Account, AccountEvent};
use crate::workload::{LogEvent, Tally, tally};

/// Makes the store and appends the events, many streams at once.
pub(crate) async fn fill(url: &str, events: impl Iterator<Item = LogEvent>) -> Result<()> {
    let app = App::open(url).await?;
    append(&app, events).await?;
    app.shutdown().await;
    Ok(())
}

pub(crate) async fn append(app: &App, events: impl Iterator<Item = LogEvent>) -> Result<()> {
    let mut events = events.peekable();
    while events.peek().is_some() {
        let mut streams: BTreeMap<String, (u64, Vec<AccountEvent>)> = BTreeMap::new();
        for event in events.by_ref().take(1000) {
            let stream = streams.entry(event.account.to_string());
            let (_, written) = stream.or_insert_with(|| (event.version - 1, Vec::new()));
            written.push(event.event);
        }
        let mut append = Append::new("fill");
        for (stream, (version, events)) in streams {
            let stream = StreamId::new(Account::CATEGORY, stream)?;
            let expected = match version {
                0 => Expected::NoStream,
                version => Expected::Exact(version),
            };
            append = append.events(stream, expected, &events)?;
        }
        app.append_all(append).await?;
    }
    Ok(())
}

/// What the log holds in the end.
pub(crate) async fn read_tally(app: &App) -> Result<Tally> {
    let head = app.head().await?.position;
    let mut after = Position::START;
    let mut events = Vec::new();
    loop {
        let request = ReadLog::between(after, head, 10_000);
        let page = app.events().read_log(&request).await?;
        let Some(last) = page.last() else {
            return Ok(tally(events.iter()));
        };
        after = last.position;
        for event in &page {
            let recorded = event.decode::<AccountEvent>()?;
            events.push(recorded.context("an event of no account")?.data);
        }
    }
}
