//! What the program is told: by a person, or by the parent that starts a child.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::without::Mechanism;

/// Kills, pauses and restarts processes on one store, then checks that nothing is lost, doubled,
/// reordered or wrong in a view.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) store: Store,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Store {
    /// On an SQLite file.
    Sqlite(Options),
    /// On a Postgres server of its own, which is crashed and restored as well.
    Postgres(Options),
    /// A process that the parent starts and strikes.
    #[command(hide = true)]
    Child(Orders),
}

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How long the processes are tormented in all; the first fault ends it.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) seconds: u64,
    /// Makes the same commands and strikes again; drawn where it is not given.
    #[arg(long, value_name = "S")]
    pub(crate) seed: Option<u64>,
    /// Switches a mechanism off, inside this program alone: the run must find a fault.
    #[arg(long, value_name = "MECHANISM")]
    pub(crate) without: Option<Mechanism>,
    /// The last line of the output is a JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a child does, and on which store.
#[derive(Debug, Clone, Args)]
pub(crate) struct Orders {
    #[arg(long)]
    pub(crate) role: Role,
    /// The store's address.
    #[arg(long)]
    pub(crate) store: String,
    /// The file in which the subscription records what it is handed.
    #[arg(long)]
    pub(crate) record: PathBuf,
    #[arg(long)]
    pub(crate) seed: u64,
    #[arg(long)]
    pub(crate) without: Option<Mechanism>,
    /// For how many milliseconds it holds a view.
    #[arg(long)]
    pub(crate) lease: u64,
    /// How many events it takes at a time.
    #[arg(long)]
    pub(crate) page: usize,
    /// After how many milliseconds it looks at the log again.
    #[arg(long)]
    pub(crate) poll: u64,
    /// Which of the writers it is.
    #[arg(long, default_value_t = 0)]
    pub(crate) writer: u64,
    /// How many applications of its own a writer has: each appends in transactions of its own.
    #[arg(long, default_value_t = 1)]
    pub(crate) applications: usize,
    /// Where a writer goes on in each of the streams.
    #[arg(long)]
    pub(crate) from: Vec<u64>,
}

impl Orders {
    pub(crate) fn poll(&self) -> Duration {
        Duration::from_millis(self.poll)
    }

    pub(crate) fn lease(&self) -> Duration {
        Duration::from_millis(self.lease)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Sends commands and says which are acknowledged.
    Writer,
    /// Carries views and subscription on, or stands by.
    Projection,
    /// Asks the view again and again, and says when an answer is impossible.
    Reader,
    /// Builds the view anew again and again, while the others feed and ask the one that answers.
    Rebuilder,
}
