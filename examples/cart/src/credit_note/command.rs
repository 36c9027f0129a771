//! ① Orders to a credit note.

use cqrs::prelude::*;

use super::{CreditLine, CreditNote, CreditNoteId};
use crate::customer::CustomerId;

/// What can be asked of a credit note.
#[derive(Command, Clone, Debug)]
#[command(aggregate = CreditNote, creates(Issue))]
pub enum CreditNoteCommand {
    /// Issues it.
    Issue {
        /// The credit note.
        note: CreditNoteId,
        /// Who gets it, where that is known.
        customer: Option<CustomerId>,
        /// Where the customer is.
        country: String,
        /// What is taken back.
        lines: Vec<CreditLine>,
    },
}
