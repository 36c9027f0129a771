//! Commands: many at once and one at a time, on new streams and on streams that are there.

use anyhow::{Result, ensure};

use crate::bench::Bench;
use crate::domain::AccountCommand;
use crate::row::{Goal, Path, Row};
use crate::session::in_turn;
use crate::workload::{self, DEPOSIT, LogEvent, Tally};
use crate::{ours, raw};

const UNIT: &str = "commands/s";

pub(crate) const CONCURRENT_NEW: Path = Path {
    name: "commands, 32 concurrent, new streams",
    unit: UNIT,
    goal: Goal::Ratio(3.0),
};

pub(crate) const CONCURRENT_HOT: Path = Path {
    name: "commands, 8 concurrent on 200 hot streams",
    unit: UNIT,
    goal: Goal::None,
};

pub(crate) const ONE_CREATING: Path = Path {
    name: "commands, 1 at a time, creating",
    unit: UNIT,
    goal: Goal::Ratio(0.85),
};

pub(crate) const ONE_WARM: Path = Path {
    name: "commands, 1 at a time, warm",
    unit: UNIT,
    goal: Goal::Ratio(0.85),
};

/// Who sends commands to which accounts.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) tasks: u64,
    /// How many accounts there are; 0 where every command opens one.
    pub(crate) accounts: u64,
}

impl Shape {
    pub(crate) fn command(self, number: u64) -> AccountCommand {
        match self.account(number) {
            Some(account) => workload::deposit(account),
            None => workload::open(number),
        }
    }

    /// One after the other at first, so that the warm-up meets each.
    fn account(self, number: u64) -> Option<u64> {
        match (self.tasks, self.accounts) {
            (_, 0) => None,
            (2.., accounts) if number >= accounts => Some(workload::scatter(number) % accounts),
            (_, accounts) => Some(number % accounts),
        }
    }

    /// The version after the command, where one task meets the accounts in turn.
    pub(crate) fn version(self, number: u64) -> u64 {
        number.checked_div(self.accounts).map_or(1, |turn| turn + 2)
    }

    /// What the store holds before the first command.
    pub(crate) fn before(self) -> impl Iterator<Item = LogEvent> {
        workload::history().chain(workload::opened(self.accounts))
    }

    /// Fails unless the store holds what so many commands leave there.
    pub(crate) fn verify(self, commands: u64, stored: Tally) -> Result<()> {
        let history = workload::history_tally();
        let deposited = if self.accounts == 0 {
            0
        } else {
            commands * DEPOSIT
        };
        let expected = Tally {
            count: history.count + self.accounts + commands,
            balance: history.balance + deposited,
        };
        ensure!(stored == expected, "{stored:?} instead of {expected:?}");
        Ok(())
    }
}

pub(crate) async fn concurrent_new(bench: &Bench) -> Result<Row> {
    let shape = Shape {
        tasks: 32,
        accounts: 0,
    };
    measure(bench, CONCURRENT_NEW, shape).await
}

pub(crate) async fn concurrent_hot(bench: &Bench) -> Result<Row> {
    let shape = Shape {
        tasks: 8,
        accounts: 200,
    };
    measure(bench, CONCURRENT_HOT, shape).await
}

pub(crate) async fn one_creating(bench: &Bench) -> Result<Row> {
    let shape = Shape {
        tasks: 1,
        accounts: 0,
    };
    measure(bench, ONE_CREATING, shape).await
}

pub(crate) async fn one_warm(bench: &Bench) -> Result<Row> {
    let shape = Shape {
        tasks: 1,
        accounts: 16,
    };
    measure(bench, ONE_WARM, shape).await
}

async fn measure(bench: &Bench, path: Path, shape: Shape) -> Result<Row> {
    let pass = async || {
        let (ours, raw) = (bench.file("ours"), bench.file("raw"));
        let our_side = ours::commands::Commands::open(shape, &ours.url()).await?;
        let raw_side = raw::sqlite::commands::Commands::open(shape, raw.path()).await?;
        let rates = in_turn(bench, shape.accounts, &our_side.session, &raw_side.session).await?;
        our_side.verify().await?;
        raw_side.verify().await?;
        Ok(rates)
    };
    Row::measure(path, bench.passes, pass).await
}
