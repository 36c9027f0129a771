//! A projection: carries the view on or stands by; it must never stop by itself.

use anyhow::{Result, bail};
use cqrs::prelude::*;
use cqrs::projection::ProjectionState;
use tokio_stream::StreamExt;

use crate::domain::{DividedRow, LedgerRow};
use crate::report::{Report, tell};

pub(super) async fn watch(app: &App) -> Result<()> {
    let (whole, divided) = (watch_one::<LedgerRow>(app), watch_one::<DividedRow>(app));
    tokio::try_join!(whole, divided).map(|((), ())| ())
}

/// Says when it takes over, since who holds the lease is worth a strike.
async fn watch_one<P: Projection>(app: &App) -> Result<()> {
    let mut statuses = app.watch_projection::<P>()?;
    let mut leads = false;
    while let Some(status) = statuses.next().await {
        if let ProjectionState::Stopped(failure) = &status.state {
            tell(&Report::Fault(failure.to_string()))?;
            std::future::pending::<()>().await;
        }
        let led = std::mem::replace(&mut leads, is_leading(&status.state));
        if leads && !led {
            tell(&Report::Leads)?;
        }
    }
    bail!("the projection's worker ended")
}

fn is_leading(state: &ProjectionState) -> bool {
    matches!(state, ProjectionState::CatchingUp | ProjectionState::Live)
}
