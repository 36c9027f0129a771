//! The goods of a new shop: a small extract of a retailer's real invoices, kept in the program.
//!
//! "Online Retail" (Daqing Chen, Sai Liang Sain, Kun Guo, 2012), UCI Machine Learning Repository, CC BY 4.0.

use std::error::Error;

use cqrs::Position;
use cqrs::prelude::*;
use cqrs::store::ReadLog;

use crate::import::{self, Imported};
use crate::views::catch_up;

const NAME: &str = "online-retail-extract.csv.gz";
const CONTENT: &[u8] = include_bytes!("../data/online-retail-extract.csv.gz");

/// Imports the extract into an empty store, and finishes an import of it that was cut off; `None` where
/// there is nothing to do.
///
/// # Errors
///
/// When the store fails.
pub async fn stock(app: &App) -> Result<Option<Imported>, Box<dyn Error + Send + Sync>> {
    if !is_wanted(app).await? {
        return Ok(None);
    }
    let file = import::read_bytes(NAME, CONTENT.to_vec())?;
    // What is stored already is recognised, so a complete one appends nothing.
    let imported = import::run(app, &file, std::future::pending(), |_| {}).await?;
    catch_up(app, app.head().await?.position).await?;
    Ok((imported.events_appended > 0).then_some(imported))
}

async fn is_wanted(app: &App) -> Result<bool, Box<dyn Error + Send + Sync>> {
    let head = app.head().await?.position;
    let first = ReadLog::between(Position::START, head, 1);
    let first = app.events().read_log(&first).await?.into_iter().next();
    Ok(first.is_none_or(|event| import::is_of(&event.metadata, NAME)))
}
