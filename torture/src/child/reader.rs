//! A reader: whatever the view answers must be a state that the log once had, and never an older
//! one than before.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Result;
use cqrs::{App, QueryError};

use crate::domain::{LedgerRow, TOTAL};
use crate::report::{Report, tell};

/// More than there are rows: one page is one state of the whole view.
const ALL: usize = 1000;

/// At a pace that leaves the processors to those who write.
pub(super) async fn read(app: &App, pace: Duration) -> Result<()> {
    let mut pace = tokio::time::interval(pace);
    let mut before = HashMap::new();
    loop {
        pace.tick().await;
        let rows = match app.view::<LedgerRow>().page(ALL).await {
            Ok(page) => page.rows,
            Err(QueryError::Store { source, .. }) if source.is_transient() => continue,
            Err(error) => return Err(error.into()),
        };
        for fault in faults(&rows, &before) {
            tell(&Report::Fault(fault))?;
        }
        let rows = rows.into_iter();
        before = rows.map(|row| (row.ledger.to_string(), row)).collect();
    }
}

fn faults(rows: &[LedgerRow], before: &HashMap<String, LedgerRow>) -> Vec<String> {
    let (total, ledgers): (Vec<_>, Vec<_>) =
        rows.iter().partition(|row| row.ledger.to_string() == TOTAL);
    let mut faults = Vec::new();
    let counted: u64 = ledgers.iter().map(|row| row.entries).sum();
    let total: u64 = total.iter().map(|row| row.entries).sum();
    if counted != total {
        faults.push(format!(
            "the ledgers have {counted} entries, their total says {total}"
        ));
    }
    for row in ledgers.iter().filter(|row| row.entries != row.version) {
        faults.push(format!(
            "{} entries at version {}: {row:?}",
            row.entries, row.version
        ));
    }
    if rows.len() < before.len() {
        faults.push(format!("{} rows after {}", rows.len(), before.len()));
    }
    for row in rows {
        let earlier = before.get(&row.ledger.to_string());
        if let Some(earlier) = earlier.filter(|earlier| is_older(row, earlier)) {
            faults.push(format!("{row:?} after {earlier:?}"));
        }
    }
    faults
}

fn is_older(row: &LedgerRow, earlier: &LedgerRow) -> bool {
    row.entries < earlier.entries || row.position < earlier.position
}
