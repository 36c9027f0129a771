//! `cargo xtask bench`: the benchmark program in a release build.

use std::ffi::OsString;

use anyhow::Result;

use crate::command::{cargo, run};

/// What to measure, and the benchmark program's own options.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The store (`sqlite`, `postgres`) or the shop (`cart`), then for example `--json FILE` and `--quick`; `--help` shows all.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    arguments: Vec<OsString>,
}

/// Builds and runs the benchmark program where the caller stands, so that its paths mean the same.
pub(crate) fn run_program(arguments: &Arguments) -> Result<()> {
    if arguments
        .arguments
        .first()
        .is_some_and(|what| what == "cart")
    {
        // The benchmark program looks for it beside itself.
        let shop = ["build", "--quiet", "--release", "--package", "cart"];
        run("build the shop", cargo(shop))?;
    }
    let mut command = cargo([
        "run",
        "--quiet",
        "--release",
        "--package",
        "cqrs-benches",
        "--",
    ]);
    command
        .args(&arguments.arguments)
        .current_dir(std::env::current_dir()?);
    run("bench", command)
}
