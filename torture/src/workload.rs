//! Which commands are sent: the same for the same seed, in every life of a writer.

use cqrs::Receipt;
use cqrs::prelude::*;
use uuid::Uuid;

use crate::domain::{Enter, LedgerId};

/// One command: its writer, its stream, its place among that writer's commands to that stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) writer: u64,
    pub(crate) stream: u64,
    pub(crate) sequence: u64,
}

/// Where a command's events stand, as its receipt says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) version: u64,
    pub(crate) position: u64,
    pub(crate) events: u64,
}

impl Order {
    pub(crate) fn command(self, seed: u64) -> Enter {
        Enter {
            id: ledger(self.stream).as_str().into(),
            writer: self.writer,
            sequence: self.sequence,
            lines: self.lines(seed),
        }
    }

    /// How many events the command has.
    pub(crate) fn lines(self, seed: u64) -> u64 {
        1 + self.draw(seed) % 3
    }

    /// Whether its writer first gives up waiting for the answer.
    pub(crate) fn is_abandoned(self, seed: u64) -> bool {
        (self.draw(seed) >> 8).is_multiple_of(8)
    }

    /// The same in every life, so that a command sent again is recognised.
    pub(crate) fn command_id(self, seed: u64) -> Uuid {
        let name = format!("{seed}/{}/{}/{}", self.writer, self.stream, self.sequence);
        Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
    }

    fn draw(self, seed: u64) -> u64 {
        self.command_id(seed).as_u64_pair().1
    }
}

impl From<Receipt> for Answer {
    fn from(receipt: Receipt) -> Self {
        Self {
            version: receipt.version,
            position: receipt.position.get(),
            events: receipt.events,
        }
    }
}

fn ledger(stream: u64) -> String {
    format!("ledger-{stream}")
}

/// The number of a ledger of this workload.
pub(crate) fn stream_number(ledger: &LedgerId) -> Option<u64> {
    let ledger = ledger.to_string();
    ledger.strip_prefix("ledger-")?.parse().ok()
}
