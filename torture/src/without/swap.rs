//! Without its condition, a swap lets rows answer that have not come as far as those before.

use std::time::Duration;

use cqrs::store::StoreError;
use cqrs::view::{SwapOutcome, ViewTable};
use cqrs_core::checkpoint::{Checkpoint, Claim};

/// Between the last look at the log and the swap: enough that the rows which answer go on.
const MEANWHILE: Duration = Duration::from_millis(100);

pub(super) async fn swap(
    table: &dyn ViewTable,
    claim: &Claim,
    instead_of: Option<&Checkpoint>,
) -> Result<SwapOutcome, StoreError> {
    tokio::time::sleep(MEANWHILE).await;
    match table.swap(claim, instead_of).await? {
        // As if the log had been set back behind the rows that answer.
        SwapOutcome::Behind(further) => table.swap(claim, Some(&further)).await,
        outcome => Ok(outcome),
    }
}
