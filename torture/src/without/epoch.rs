//! Without the epoch, a worker that wakes late writes under the lease of whoever overtook it.

use std::time::Duration;

use cqrs::store::StoreError;
use cqrs::stream::Position;
use cqrs::view::{PageWrite, ViewTable, WritePageError};
use cqrs_core::checkpoint::{Checkpoint, Claim, ClaimOutcome, ClaimRequest};

/// So long that others have taken over.
const STILL: Duration = Duration::from_millis(800);

/// Between the fold of a page and its write, the worker now and then stands still.
pub(super) async fn write(
    table: &dyn ViewTable,
    page: PageWrite<'_>,
) -> Result<(), WritePageError> {
    if fastrand::u8(..10) == 0 {
        tokio::time::sleep(STILL).await;
    }
    let (claim, from) = present(table, page.claim, page.to).await?;
    let mut late = PageWrite::checkpoint(&claim, from, page.to);
    late.fold = page.fold.map(|fold| fold as _);
    late.keys = page.keys;
    late.filters = page.filters;
    late.letters = page.letters;
    table.write_page(late).await
}

/// Whatever lease is in force, and where the view stands under it.
async fn present(
    table: &dyn ViewTable,
    late: &Claim,
    to: &Checkpoint,
) -> Result<(Claim, Position), StoreError> {
    let mut holder = late.holder;
    let mut events = Vec::new();
    loop {
        let names: Vec<&str> = events.iter().map(String::as_str).collect();
        let request = ClaimRequest::new(holder, late.lease, to).following(&names);
        match table.claim(request).await? {
            ClaimOutcome::Lacks { events: lacking } => events = lacking,
            ClaimOutcome::Held { claim, checkpoint } => return Ok((claim, checkpoint.position)),
            ClaimOutcome::HeldBy { holder: other, .. } => holder = other,
            _ => {}
        }
    }
}
