//! The paths that are measured on SQLite, in the order of the table.

pub(crate) mod catch_up;
pub(crate) mod commands;
pub(crate) mod load;
pub(crate) mod memory;
pub(crate) mod visible;

use anyhow::Result;

use crate::bench::Bench;
use crate::row::Row;

/// Measures the paths whose name contains the pattern.
pub(crate) async fn measure(bench: &Bench, pattern: Option<&str>) -> Result<Vec<Row>> {
    let wanted = |path: crate::row::Path| pattern.is_none_or(|text| path.name.contains(text));
    let mut rows = Vec::new();
    if wanted(commands::CONCURRENT_NEW) {
        rows.push(commands::concurrent_new(bench).await?);
    }
    if wanted(commands::CONCURRENT_HOT) {
        rows.push(commands::concurrent_hot(bench).await?);
    }
    if wanted(commands::ONE_CREATING) {
        rows.push(commands::one_creating(bench).await?);
    }
    if wanted(commands::ONE_WARM) {
        rows.push(commands::one_warm(bench).await?);
    }
    if wanted(load::LOAD) {
        rows.push(load::load(bench).await?);
    }
    if wanted(catch_up::CATCH_UP) {
        rows.push(catch_up::catch_up(bench).await?);
    }
    if wanted(visible::VISIBLE) {
        rows.push(visible::visible(bench).await?);
    }
    if wanted(memory::MEMORY) && !bench.quick {
        rows.extend(memory::memory(bench).await?);
    }
    Ok(rows)
}
