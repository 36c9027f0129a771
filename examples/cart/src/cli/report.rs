//! `cart report`: the figures of what was imported before.

use std::process::ExitCode;

use cart::report::{Figures, figures};
use cart::views::{catch_up, slowest};
use cqrs::prelude::*;

use super::output::{self, FiguresLine};
use super::{Common, store};

pub(super) async fn run(common: &Common) -> anyhow::Result<ExitCode> {
    let app = store::open(&store::existing_url(common)?).await?;
    let figures = caught_up(&app).await;
    app.shutdown().await;
    let figures = figures?;
    match common.json {
        true => output::json(&FiguresLine::from(&figures))?,
        false => output::print(&output::report(&figures))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The figures once the views show the whole log.
pub(super) async fn caught_up(app: &App) -> anyhow::Result<Figures> {
    follow(app).await?;
    Ok(figures(app).await?)
}

/// Waits, with a progress bar, until the views show the whole log.
pub(super) async fn follow(app: &App) -> anyhow::Result<()> {
    let head = app.head().await?.position;
    let bar = output::progress(head.get(), "views catching up");
    let done = catch_up(app, head);
    tokio::pin!(done);
    let mut tick = tokio::time::interval(std::time::Duration::from_millis(100));
    let outcome = loop {
        tokio::select! {
            outcome = &mut done => break outcome,
            _ = tick.tick() => bar.set_position(slowest(app).get()),
        }
    };
    bar.finish_and_clear();
    Ok(outcome?)
}
