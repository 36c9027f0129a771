//! Credit notes: cancellations that name no order, as the imported invoices have them.
//!
//! The command side is `command` → `decide` → `event`, the query side `summary`.

mod command;
mod decide;
mod event;
mod summary;

pub use self::command::CreditNoteCommand;
pub use self::decide::{CreditNote, CreditNoteRejection};
pub use self::event::{CreditLine, CreditNoteEvent, CreditNoteId, total};
pub use self::summary::CreditNoteSummary;
