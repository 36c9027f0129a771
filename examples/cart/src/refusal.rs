//! Refused lines: what an import did not take, and why. Nothing vanishes silently.
//!
//! The command side is `command` → `decide` → `event`, the query side `details` and `by_reason`.

mod by_reason;
mod command;
mod decide;
mod details;
mod event;
mod reason;

pub use self::by_reason::RefusedByReason;
pub use self::command::RefusalCommand;
pub use self::decide::{Refusal, RefusalRejection};
pub use self::details::RefusedLineDetails;
pub use self::event::{InvoiceNumber, RefusalEvent, RefusedLine};
pub use self::reason::Reason;
