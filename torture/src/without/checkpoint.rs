//! Without one transaction for both, a kill between rows and checkpoint projects a page twice.

use cqrs::view::{PageWrite, ViewTable, WritePageError};
use cqrs_core::checkpoint::Checkpoint;

pub(super) async fn write(
    table: &dyn ViewTable,
    page: PageWrite<'_>,
) -> Result<(), WritePageError> {
    let (claim, from, to) = (page.claim, page.from, page.to);
    if let Some(fold) = page.fold {
        let unmoved = Checkpoint::new(to.log_id.unwrap_or_default(), from, None);
        let mut rows = PageWrite::new(claim, from, &unmoved, fold);
        rows.keys = page.keys;
        rows.filters = page.filters;
        rows.letters = page.letters;
        table.write_page(rows).await?;
    }
    let moved = PageWrite::checkpoint(claim, from, to);
    table.write_page(moved).await
}
