//! `cart rebuild`: a view built anew while its old rows answer.

use std::process::ExitCode;
use std::time::Instant;

use cqrs::projection::{Rebuild, RebuildProgress};
use futures_util::StreamExt;
use serde::Serialize;

use super::{Common, output, store};

#[derive(Serialize)]
struct RebuiltLine<'a> {
    view: &'a str,
    events: u64,
    seconds: f64,
}

pub(super) async fn run(view: &str, common: &Common) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let app = store::open(&store::existing_url(common)?).await?;
    let outcome = match app.rebuild_view(view) {
        Ok(rebuild) => follow(rebuild).await,
        Err(unknown) => Err(unknown.into()),
    };
    app.shutdown().await;
    let rebuilt = outcome?;
    let seconds = (started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
    match common.json {
        true => output::json(&RebuiltLine {
            view,
            events: rebuilt.done,
            seconds,
        })?,
        false => output::print(&format!(
            "{view}: built anew from {} events, in {seconds:.1} s",
            output::count(rebuilt.done)
        ))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// With a progress bar that also says when another process does it.
async fn follow(rebuild: Rebuild) -> anyhow::Result<RebuildProgress> {
    let mut progress = rebuild.progress();
    let bar = output::progress(0, "building the view");
    let done = rebuild.into_future();
    tokio::pin!(done);
    let outcome = loop {
        tokio::select! {
            outcome = &mut done => break outcome,
            Some(now) = progress.next() => {
                bar.set_length(now.total);
                bar.set_position(now.done);
                if now.done_by.is_some() {
                    bar.set_message("another process does");
                }
            }
        }
    };
    bar.finish_and_clear();
    Ok(outcome?)
}
