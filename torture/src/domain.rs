//! A ledger whose events and rows show by themselves when something went wrong.

use std::convert::Infallible;

use cqrs::prelude::*;

/// The row that every event touches beside its own ledger's: both change in one transaction, or a
/// reader sees two rows that do not agree.
pub(crate) const TOTAL: &str = "total";

#[derive(Id)]
pub(crate) struct LedgerId(String);

#[derive(Event, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[event(prefix = "ledger", id = LedgerId)]
pub(crate) enum LedgerEvent {
    /// A line of a writer's command.
    Entered {
        writer: u64,
        sequence: u64,
        line: u64,
        /// Decided on the state: the events of a ledger are numbered without gap.
        number: u64,
    },
}

#[derive(Aggregate, Default)]
#[aggregate(event = LedgerEvent, rejection = Infallible)]
pub(crate) struct Ledger {
    entries: u64,
}

impl Apply for Ledger {
    fn apply(&mut self, LedgerEvent::Entered { number, .. }: LedgerEvent) {
        self.entries = number;
    }
}

/// Enters some lines, together or not at all.
#[derive(Command, Clone)]
#[command(aggregate = Ledger, may_create)]
pub(crate) struct Enter {
    pub(crate) id: LedgerId,
    pub(crate) writer: u64,
    pub(crate) sequence: u64,
    pub(crate) lines: u64,
}

impl Handle<Enter> for Ledger {
    fn handle(&self, command: Enter, _: &Context) -> Decision<Self> {
        let Enter {
            writer, sequence, ..
        } = command;
        let entered = |line| LedgerEvent::Entered {
            writer,
            sequence,
            line,
            number: self.entries + 1 + line,
        };
        Ok((0..command.lines).map(entered).collect())
    }
}

/// How many entries a ledger has, and in which order they came.
macro_rules! ledger_row {
    ($row:ident, $($option:tt)*) => {
        #[derive(Projection, Clone, Debug, PartialEq)]
        #[projection($($option)*, events(LedgerEvent))]
        pub(crate) struct $row {
            pub(crate) ledger: LedgerId,
            /// Counted, one for each event.
            pub(crate) entries: u64,
            /// Copied from the last event: always as many as were counted.
            pub(crate) version: u64,
            /// Of the last event.
            pub(crate) position: u64,
            /// Depends on every event and on their order.
            pub(crate) digest: u64,
        }

        impl $row {
            pub(crate) fn add(&mut self, event: &Recorded<LedgerEvent>) {
                self.entries += 1;
                self.version = event.version;
                self.position = event.position.get();
                self.digest = (self.digest * 31 + self.position) % 1_000_000_007;
            }
        }

        impl Project<LedgerEvent> for $row {
            fn project(event: &Recorded<LedgerEvent>, rows: &mut Rows<Self>) {
                rows.upsert(&event.id, |row| row.add(event));
                rows.upsert(&TOTAL.into(), |row| row.add(event));
            }
        }
    };
}

ledger_row!(LedgerRow, name = "ledgers");
// Its rows stand at different positions, so a reader can only tell what each of them says.
ledger_row!(DividedRow, name = "divided_ledgers", partitions = 3);

impl From<DividedRow> for LedgerRow {
    fn from(row: DividedRow) -> Self {
        Self {
            ledger: row.ledger,
            entries: row.entries,
            version: row.version,
            position: row.position,
            digest: row.digest,
        }
    }
}
