//! ②③ The record of an invoice's refused lines decides nothing but that there must be some.

use cqrs::prelude::*;
use thiserror::Error;

use super::{RefusalCommand, RefusalEvent};

/// The record of an invoice's refused lines.
#[derive(Aggregate, Default, Clone, Debug, PartialEq)]
#[aggregate(event = RefusalEvent, rejection = RefusalRejection)]
pub struct Refusal;

impl Apply for Refusal {
    fn apply(&mut self, _: RefusalEvent) {}
}

/// Why refused lines are not recorded.
#[derive(Error, Debug, Clone, PartialEq)]
pub enum RefusalRejection {
    /// There are none.
    #[error("there is no refused line to record")]
    Empty,
}

impl Handle<RefusalCommand> for Refusal {
    fn handle(&self, command: RefusalCommand, _: &Context) -> Decision<Self> {
        let RefusalCommand::Record { lines, .. } = command;
        ensure(!lines.is_empty(), RefusalRejection::Empty)?;
        Ok(vec![RefusalEvent::Recorded { lines }])
    }
}
