//! A rebuild, again and again: readers must not notice, whoever is killed on the way.

use std::time::Duration;

use anyhow::Result;
use cqrs::App;
use cqrs::projection::RebuildError;

use crate::domain::LedgerRow;
use crate::report::{Report, tell};

/// Leaves the processors to those who write.
const PACE: Duration = Duration::from_millis(100);

pub(super) async fn rebuild(app: &App) -> Result<()> {
    let mut pace = tokio::time::interval(PACE);
    loop {
        pace.tick().await;
        match app.rebuild::<LedgerRow>().await {
            Ok(_) | Err(RebuildError::Store { .. }) => {}
            Err(error) => tell(&Report::Fault(error.to_string()))?,
        }
    }
}
