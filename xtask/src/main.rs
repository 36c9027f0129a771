//! The project's own tasks: `cargo xtask test` and `cargo xtask bench`.

mod bench;
mod command;
mod features;
mod requirements;
mod test;

use clap::{Parser, Subcommand};

/// The project's own tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Runs everything that must hold: format, lints, features, docs and all tests.
    Test,
    /// Measures the framework beside hand-written programs on the same store.
    Bench(bench::Arguments),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().task {
        Task::Test => test::run_everything(),
        Task::Bench(arguments) => bench::run_program(&arguments),
    }
}
