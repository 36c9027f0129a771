//! The project's own tasks: `cargo xtask test`, `browser`, `bench` and `torture`.

mod bench;
mod browser;
mod command;
mod features;
mod requirements;
mod test;
mod torture;

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
    /// Runs the tests of the shop in a real Chromium, which is installed on Debian.
    Browser(browser::Arguments),
    /// Measures the framework beside hand-written programs on the same store.
    Bench(bench::Arguments),
    /// Kills, pauses and restarts processes on one store, then checks what is promised.
    Torture(torture::Arguments),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().task {
        Task::Test => test::run_everything(),
        Task::Browser(arguments) => browser::run_tests(&arguments),
        Task::Bench(arguments) => bench::run_program(&arguments),
        Task::Torture(arguments) => torture::run_program(&arguments),
    }
}
