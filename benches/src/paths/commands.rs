//! Commands: many at once and one at a time, on new streams and on streams that are there.

use anyhow::{Result, ensure};

use crate::bench::Bench;
use crate::domain::AccountCommand;
use crate::engine::{Commands as _, Engine, Store as _};
use crate::ours;
use crate::row::{Goal, Path, Row};
use crate::session::in_turn;
use crate::workload::{self, DEPOSIT, LogEvent, Tally};

pub(super) const UNIT: &str = "commands/s";

/// A row of the table, and who does what for it.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) path: Path,
    pub(crate) shape: Shape,
}

pub(crate) const SQLITE: [Case; 4] = [CONCURRENT_32, HOT.aiming(Goal::None), CREATING, WARM];

/// For concurrent commands the hand-written side loads the stream with one SELECT, folds, and has one INSERT, in
/// one transaction on a pool of as many connections as the framework's; for one at a time it is the bare INSERT.
pub(crate) const POSTGRES: [Case; 6] = [
    CONCURRENT_8,
    CONCURRENT_32,
    CONCURRENT_128,
    HOT.aiming(Goal::Ratio(2.0)),
    CREATING,
    WARM,
];

const CONCURRENT_8: Case = Case::new(
    "commands, 8 concurrent, new streams",
    Goal::None,
    Shape::opening(8),
);

const CONCURRENT_32: Case = Case::new(
    "commands, 32 concurrent, new streams",
    Goal::Ratio(3.0),
    Shape::opening(32),
);

const CONCURRENT_128: Case = Case::new(
    "commands, 128 concurrent, new streams",
    Goal::Ratio(4.0),
    Shape::opening(128),
);

const HOT: Case = Case::new(
    "commands, 8 concurrent on 200 hot streams",
    Goal::None,
    Shape {
        tasks: 8,
        accounts: 200,
    },
);

const CREATING: Case = Case::new(
    "commands, 1 at a time, creating",
    Goal::Ratio(0.85),
    Shape::opening(1),
);

const WARM: Case = Case::new(
    "commands, 1 at a time, warm",
    Goal::Ratio(0.85),
    Shape {
        tasks: 1,
        accounts: 16,
    },
);

impl Case {
    const fn new(name: &'static str, goal: Goal, shape: Shape) -> Self {
        let path = Path {
            name,
            unit: UNIT,
            goal,
        };
        Self { path, shape }
    }

    const fn aiming(mut self, goal: Goal) -> Self {
        self.path.goal = goal;
        self
    }
}

/// Who sends commands to which accounts.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) tasks: u64,
    /// How many accounts there are; 0 where every command opens one.
    pub(crate) accounts: u64,
}

impl Shape {
    /// Every command opens an account.
    pub(crate) const fn opening(tasks: u64) -> Self {
        Self { tasks, accounts: 0 }
    }

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

pub(crate) async fn measure<E: Engine>(bench: &Bench, engine: &E, case: Case) -> Result<Row> {
    let shape = case.shape;
    let pass = async || {
        let (ours, raw) = (engine.create("ours").await?, engine.create("raw").await?);
        let our_side = ours::commands::Commands::open(shape, &ours.url()).await?;
        let raw_side = E::commands(&raw.url(), shape).await?;
        let rates = in_turn(bench, shape.accounts, &our_side.session, raw_side.session()).await?;
        our_side.verify().await?;
        raw_side.verify().await?;
        Ok(rates)
    };
    Row::measure(case.path, bench.passes, pass).await
}
