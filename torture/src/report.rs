//! What a child says to its parent: a line of JSON each, in the pipe before the child goes on, so
//! that a kill takes back nothing that was said.

use std::io::Write;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::workload::{Answer, Order};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Report {
    /// The store is open.
    Ready,
    Acknowledged(Order, Answer),
    /// It has taken the view's lease.
    Leads,
    /// The view was built anew and answers from the new rows.
    Rebuilt,
    /// A view answered what cannot be, or its projection stopped.
    Fault(String),
}

/// Tells the parent.
pub(crate) fn tell(report: &Report) -> Result<()> {
    let mut line = serde_json::to_vec(report)?;
    line.push(b'\n');
    // One write of less than a pipe's page: a kill leaves the whole line or none.
    let mut output = std::io::stdout().lock();
    output.write_all(&line)?;
    output.flush()?;
    Ok(())
}
