//! What must hold when everything stands still: the log against the acknowledgements, the
//! subscription and the views against the log.

mod log;
mod subscription;
mod view;

use std::path::Path;

use anyhow::{Context, Result};
use cqrs::prelude::*;
use cqrs::store::ReadLog;
use cqrs::{Position, QueryError};

use crate::domain::{DividedRow, LedgerEvent, LedgerRow};
use crate::evidence::Evidence;

const PAGE: usize = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Lost,
    Doubled,
    Reordered,
    View,
}

/// Every fault, by kind, in words; and what was looked at.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) faults: Vec<(Kind, String)>,
    /// How many times the subscription handed an event over.
    pub(crate) delivered: u64,
}

impl Findings {
    pub(crate) fn add(&mut self, kind: Kind, what: impl Into<String>) {
        self.faults.push((kind, what.into()));
    }
}

/// Opens the store as an application would after all this, without any wrapper, and looks.
pub(crate) async fn check(
    address: &str,
    record: &Path,
    seed: u64,
    evidence: &Evidence,
) -> Result<Findings> {
    let app = App::open(address);
    let app = app.project::<LedgerRow>().project::<DividedRow>().await?;
    let mut findings = Findings::default();
    for fault in &evidence.faults {
        findings.add(Kind::View, fault.as_str());
    }
    let events = whole_log(&app).await?;
    log::check(&events, &evidence.answers, seed, &mut findings);
    check_view::<LedgerRow>(&app, &events, &mut findings).await?;
    check_view::<DividedRow>(&app, &events, &mut findings).await?;
    subscription::check(&app, record, &events, &mut findings).await?;
    app.shutdown().await;
    Ok(findings)
}

async fn check_view<P: Projection + Into<LedgerRow>>(
    app: &App,
    events: &[Recorded<LedgerEvent>],
    findings: &mut Findings,
) -> Result<()> {
    let head = app.head().await?.position;
    match app.wait_for::<P>(head).await {
        Ok(()) => {
            let rows = app.view::<P>().page(PAGE).await?.rows;
            let rows = rows.into_iter().map(Into::into);
            view::check(P::NAME, events, rows.collect(), findings);
        }
        Err(error @ QueryError::Stopped(_)) => findings.add(Kind::View, error.to_string()),
        Err(error) => return Err(error).context("the view did not catch up"),
    }
    Ok(())
}

async fn whole_log(app: &App) -> Result<Vec<Recorded<LedgerEvent>>> {
    let mut events = Vec::new();
    let mut after = Position::START;
    loop {
        let request = ReadLog::between(after, Position::new(u64::MAX), PAGE);
        let page = app.events().read_log(&request).await?;
        let Some(last) = page.last() else {
            return Ok(events);
        };
        after = last.position;
        for event in &page {
            let event = event.decode()?;
            events.push(event.context("an event in the log is of no name that was written")?);
        }
    }
}
