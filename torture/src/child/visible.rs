//! Read-your-writes: when the wait for a position is over, the view shows what stands there.

use anyhow::Result;
use cqrs::{App, Position, QueryError};

use crate::domain::{LedgerRow, TOTAL};
use crate::report::{Report, tell};

pub(super) async fn read(app: &App) -> Result<()> {
    loop {
        let head = app.head().await?.position;
        match app.wait_for::<LedgerRow>(head).await {
            Ok(()) => {}
            // Whoever watches the projection says so.
            Err(QueryError::Stopped(_)) => std::future::pending().await,
            Err(error) => return Err(error.into()),
        }
        let total = app.view::<LedgerRow>().get(&TOTAL.into()).await?;
        let shown = total.map_or(Position::START, |row| Position::new(row.position));
        if shown < head {
            let fault = format!("the view shows {shown} after the wait for {head}");
            tell(&Report::Fault(fault))?;
        }
        tokio::time::sleep(super::POLL).await;
    }
}
