//! ②③ A credit note's decision; issued once, it never changes, so it has no state to speak of.

use cqrs::prelude::*;
use thiserror::Error;

use super::{CreditNoteCommand, CreditNoteEvent};

/// A credit note as its events made it.
#[derive(Aggregate, Default, Clone, Debug, PartialEq)]
#[aggregate(event = CreditNoteEvent, rejection = CreditNoteRejection)]
pub struct CreditNote;

impl Apply for CreditNote {
    fn apply(&mut self, _: CreditNoteEvent) {}
}

/// Why a credit note is not issued.
#[derive(Error, Debug, Clone, PartialEq)]
pub enum CreditNoteRejection {
    /// There is nothing on it.
    #[error("a credit note needs at least one line")]
    Empty,
}

impl Handle<CreditNoteCommand> for CreditNote {
    fn handle(&self, command: CreditNoteCommand, _: &Context) -> Decision<Self> {
        let CreditNoteCommand::Issue {
            customer,
            country,
            lines,
            ..
        } = command;
        ensure(!lines.is_empty(), CreditNoteRejection::Empty)?;
        Ok(vec![CreditNoteEvent::Issued {
            customer,
            country,
            lines,
        }])
    }
}
