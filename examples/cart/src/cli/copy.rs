//! `cart copy`: the whole log moved into another store.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use cqrs::open_stores;
use cqrs::store::copy_log;
use serde::Serialize;

use super::{Common, output, store};

#[derive(Serialize)]
struct CopiedLine {
    events: u64,
    events_appended: u64,
    seconds: f64,
}

pub(super) async fn run(from: &str, common: &Common) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    store::must_exist(from)?;
    let to = store::url(&common.store)?;
    let old = open_stores(from).await;
    let old = old.with_context(|| format!("the store `{from}` cannot be opened"))?;
    let new = open_stores(&to).await;
    let new = new.with_context(|| format!("the store `{to}` cannot be opened"))?;
    let bar = output::progress(0, "copying events");
    let copied = copy_log(&*old.events, &*new.events, |now| {
        bar.set_position(now.events)
    })
    .await;
    bar.finish_and_clear();
    old.events.close_idle().await;
    new.events.close_idle().await;
    let copied = copied.context("copied up to there; run it again to go on")?;
    let seconds = (started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
    match common.json {
        true => output::json(&CopiedLine {
            events: copied.events,
            events_appended: copied.appended,
            seconds,
        })?,
        false => output::print(&format!(
            "{} events in the copy, {} of them new, in {seconds:.1} s",
            output::count(copied.events),
            output::count(copied.appended)
        ))?,
    }
    Ok(ExitCode::SUCCESS)
}
