//! Kills, pauses and restarts processes on one store, then checks what `cqrs` promises.
//!
//! The same program is the parent, which strikes, and every child, which works. Unix only: no other
//! system has the signals.

mod arguments;
mod check;
mod child;
mod domain;
mod evidence;
mod fleet;
mod report;
mod round;
mod run;
mod tally;
mod target;
mod without;
mod workload;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::arguments::{Arguments, Store};
use crate::target::{PostgresServer, SqliteFile};

fn main() -> Result<ExitCode> {
    match Arguments::parse().store {
        Store::Sqlite(options) => run::run(&options, &mut SqliteFile::new(options.without)?),
        Store::Postgres(options) => {
            run::run(&options, &mut PostgresServer::start(options.without)?)
        }
        Store::Child(orders) => child::work(orders),
    }
}
