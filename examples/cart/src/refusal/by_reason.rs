//! ⑦⑧⑨ The refusals by reason: how many lines each of them cost.

use cqrs::prelude::*;

use super::{Reason, RefusalEvent};

/// How many lines were refused for a reason.
#[derive(Projection, Clone, Debug, PartialEq)]
#[projection(name = "refused_by_reason", events(RefusalEvent))]
pub struct RefusedByReason {
    /// The reason.
    pub reason: Reason,
    /// How many lines.
    pub lines: u64,
}

impl Project<RefusalEvent> for RefusedByReason {
    fn project(event: &Recorded<RefusalEvent>, rows: &mut Rows<Self>) {
        let RefusalEvent::Recorded { lines } = &event.data;
        for line in lines {
            rows.upsert(&line.reason, |row| row.lines += 1);
        }
    }
}
