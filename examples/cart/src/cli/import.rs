//! `cart import`: a file's invoices, then the figures.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use cart::import::{self, Imported, InvoiceFile};
use cart::report::Figures;
use cqrs::prelude::*;
use tokio::sync::watch;

use super::output::{self, FiguresLine};
use super::report::caught_up;
use super::{Common, store};

/// What a shell expects of a program that was interrupted.
const INTERRUPTED: u8 = 130;

pub(super) async fn run(path: &Path, common: &Common) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let file = read(path).await?;
    let app = store::open(&store::url(&common.store)?).await?;
    let outcome = import_and_follow(&app, &file).await;
    app.shutdown().await;
    let (imported, figures) = outcome?;
    let Some(figures) = figures else {
        eprintln!(
            "stopped after {} of {} invoices; the same command goes on from here",
            imported.invoices,
            file.invoices.len()
        );
        return Ok(ExitCode::from(INTERRUPTED));
    };
    let seconds = (started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
    match common.json {
        true => {
            let mut line = FiguresLine::from(&figures);
            line.events_appended = Some(imported.events_appended);
            line.seconds = Some(seconds);
            output::json(&line)?;
        }
        false => print(&file, &imported, &figures, seconds)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn read(path: &Path) -> anyhow::Result<InvoiceFile> {
    let owned = path.to_owned();
    let file = tokio::task::spawn_blocking(move || import::read(&owned)).await?;
    file.with_context(|| format!("nothing of `{}` was imported", path.display()))
}

/// No figures when it was interrupted.
async fn import_and_follow(
    app: &App,
    file: &InvoiceFile,
) -> anyhow::Result<(Imported, Option<Figures>)> {
    let (stop, stopped) = watch::channel(false);
    let interrupt = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.send_replace(true);
        }
        // The sender lives on, or every receiver would take its end for a stop.
        stop.closed().await;
    });
    let bar = output::progress(file.lines, "importing lines");
    let imported = import::run(app, file, wait(stopped.clone()), |lines| bar.inc(lines)).await;
    bar.finish_and_clear();
    let imported = imported?;
    let figures = tokio::select! {
        biased;
        () = wait(stopped) => None,
        figures = caught_up(app) => Some(figures?),
    };
    interrupt.abort();
    Ok((imported, figures))
}

async fn wait(mut stopped: watch::Receiver<bool>) {
    // An error means that no signal can come any more.
    if stopped.wait_for(|stopped| *stopped).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn print(
    file: &InvoiceFile,
    imported: &Imported,
    figures: &Figures,
    seconds: f64,
) -> anyhow::Result<()> {
    let mut text = format!(
        "{}: lines {}, invoices {}, new events {}, in {seconds:.1} s\n",
        file.name,
        output::count(file.lines),
        output::count(file.invoices.len() as u64),
        output::count(imported.events_appended),
    );
    if imported.changed > 0 {
        let changed = output::count(imported.changed);
        text += "invoices that are stored already with other content, so that their lines were ";
        text += &format!("refused: {changed}\n");
    }
    output::print(&format!(
        "{text}\nthe whole store:\n{}",
        output::report(figures)
    ))
}
