//! `cart verify`: the whole log folded again in memory, against every row of every view.

use std::process::ExitCode;

use anyhow::{Context, bail};
use cart::verify::{Verified, compare, in_memory};
use cqrs::Position;
use cqrs::prelude::*;
use cqrs::store::ReadLog;
use serde::Serialize;

use super::report::follow;
use super::{Common, output, store};

/// How many events are counted at once.
const PAGE: usize = 1000;

#[derive(Serialize)]
struct VerifiedLine {
    events: u64,
    rows: u64,
    differences: u64,
}

pub(super) async fn run(common: &Common) -> anyhow::Result<ExitCode> {
    let url = store::existing_url(common)?;
    let stored = store::open(&url).await?;
    let folded = store::open_with(&url, in_memory()).await?;
    let outcome = verify(&stored, &folded).await;
    folded.shutdown().await;
    stored.shutdown().await;
    let (events, verified) = outcome?;
    for example in &verified.examples {
        eprintln!("{example}");
    }
    let (rows, differences) = (verified.rows, verified.differences);
    match common.json {
        true => output::json(&VerifiedLine {
            events,
            rows,
            differences,
        })?,
        false => output::print(&format!(
            "{} events, {} rows in {} views, {} differences",
            output::count(events),
            output::count(rows),
            verified.views.len(),
            output::count(differences)
        ))?,
    }
    Ok(if differences == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn verify(stored: &App, folded: &App) -> anyhow::Result<(u64, Verified)> {
    follow(stored).await?;
    follow(folded).await.context("the log cannot be folded")?;
    let before = stored.head().await?.position;
    let verified = compare(stored, folded).await?;
    if stored.head().await?.position != before {
        bail!("the log grew meanwhile, so the comparison says nothing; try again when it rests");
    }
    Ok((count(stored, before).await?, verified))
}

async fn count(app: &App, head: Position) -> anyhow::Result<u64> {
    let (mut after, mut events) = (Position::START, 0);
    loop {
        let request = ReadLog::between(after, head, PAGE);
        let page = app.events().read_log(&request).await?;
        events += page.len() as u64;
        match page.last() {
            Some(last) => after = last.position,
            None => return Ok(events),
        }
    }
}
