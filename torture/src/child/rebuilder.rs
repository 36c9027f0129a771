//! A rebuilder: whatever it is killed in, the view must stay whole and never go back.

use anyhow::Result;
use cqrs::App;

use crate::domain::{DividedRow, LedgerRow};
use crate::report::{Report, tell};

pub(super) async fn rebuild(app: &App) -> Result<()> {
    loop {
        app.rebuild::<LedgerRow>().await?;
        tell(&Report::Rebuilt)?;
        app.rebuild::<DividedRow>().await?;
        tell(&Report::Rebuilt)?;
    }
}
