//! Measures this framework and the hand-written limit next to each other, on the same disk.

mod bench;
mod cart;
mod derives;
mod domain;
mod engine;
mod ours;
mod paths;
mod plot;
mod raw;
mod report;
mod row;
mod session;
mod workload;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::{Args, Parser, Subcommand};

use crate::bench::Bench;
use crate::report::Report;
use crate::row::Row;

/// Measures this framework and the hand-written limit next to each other.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    database: Database,
}

#[derive(Debug, Subcommand)]
enum Database {
    /// On a SQLite file.
    Sqlite(Options),
    /// On a Postgres server: that of `DATABASE_URL`, or one that is started for the run.
    Postgres(Options),
    /// The shop under load over HTTP, and each of its pages by itself.
    Cart(CartOptions),
    /// Builds of a crate with many derives, beside the same types with serde's alone.
    Derives(Options),
    /// One catch-up in a process of its own, for the row on memory.
    #[command(hide = true)]
    Probe(paths::memory::Probe),
}

#[derive(Debug, Args)]
struct Options {
    /// Writes the rows to this file, and a plot beside it.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// One pass; without `--only` under a minute in all, for which the longest paths are left out.
    #[arg(long)]
    quick: bool,
    /// Only the paths whose name contains this text.
    #[arg(long, value_name = "PATTERN")]
    only: Option<String>,
}

#[derive(Debug, Args)]
struct CartOptions {
    /// Writes the figures to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// A few seconds of load.
    #[arg(long)]
    quick: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    match Arguments::parse().database {
        Database::Sqlite(options) => sqlite(options).await,
        Database::Postgres(options) => postgres(options).await,
        Database::Cart(options) => cart::measure(options.quick, options.json.as_deref()).await,
        Database::Derives(options) => derives(options),
        Database::Probe(probe) => paths::memory::probe(probe).await,
    }
}

async fn sqlite(options: Options) -> Result<()> {
    let bench = Bench::new(options.quick)?;
    let rows = paths::measure_sqlite(&bench, options.only.as_deref()).await?;
    let passes = bench.passes;
    report("SQLite", bench, passes, rows, options.json)
}

async fn postgres(options: Options) -> Result<()> {
    let bench = Bench::new(options.quick)?;
    let rows = paths::measure_postgres(&bench, options.only.as_deref()).await?;
    let passes = bench.passes;
    report("Postgres", bench, passes, rows, options.json)
}

fn derives(options: Options) -> Result<()> {
    let bench = Bench::new(options.quick)?;
    let passes = bench.passes.max(3);
    let rows = derives::measure(&bench, passes)?;
    report("Builds", bench, passes, rows, options.json)
}

fn report(
    database: &'static str,
    bench: Bench,
    passes: usize,
    rows: Vec<Row>,
    json: Option<PathBuf>,
) -> Result<()> {
    let sync_time = bench.sync_time()?;
    bench.close()?;
    ensure!(!rows.is_empty(), "no path has such a name");
    let report = Report {
        database,
        passes,
        sync_time,
        rows,
    };
    report.print();
    match json {
        Some(path) => report.save(&path),
        None => Ok(()),
    }
}
