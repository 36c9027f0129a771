//! Read-your-writes: when the wait for a position is over, the view shows what stands there.

use std::time::Duration;

use anyhow::Result;
use cqrs::{App, Position, Projection, QueryError};

use crate::domain::{LedgerRow, TOTAL};
use crate::report::{Report, tell};

pub(super) async fn read(app: &App, poll: Duration) -> Result<()> {
    loop {
        match look(app).await {
            Ok((head, shown)) if shown < head => {
                let fault = format!("the view shows {shown} after the wait for {head}");
                tell(&Report::Fault(fault))?;
            }
            Ok(_) => {}
            // Whoever watches the projection says so.
            Err(QueryError::Stopped(_)) => std::future::pending().await,
            Err(QueryError::Store { source, .. }) if source.is_transient() => {}
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(poll).await;
    }
}

/// Where the log ended, and what the view showed when the wait for that was over.
async fn look(app: &App) -> Result<(Position, Position), QueryError> {
    let head = app.head().await.map_err(|source| QueryError::Store {
        view: LedgerRow::NAME,
        source,
    })?;
    app.wait_for::<LedgerRow>(head.position).await?;
    let total = app.view::<LedgerRow>().get(&TOTAL.into()).await?;
    let shown = total.map_or(Position::START, |row| Position::new(row.position));
    Ok((head.position, shown))
}
