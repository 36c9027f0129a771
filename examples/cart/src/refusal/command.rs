//! ① Orders to the record of an invoice's refused lines.

use cqrs::prelude::*;

use super::{InvoiceNumber, Refusal, RefusedLine};

/// What can be asked of the record of an invoice's refused lines.
#[derive(Command, Clone, Debug)]
#[command(aggregate = Refusal, may_create(Record))]
pub enum RefusalCommand {
    /// Adds lines to it.
    Record {
        /// The invoice.
        invoice: InvoiceNumber,
        /// The lines that were not taken.
        lines: Vec<RefusedLine>,
    },
}
