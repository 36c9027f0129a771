//! `cargo xtask torture`: the torture program, whose last line of output is its own.

use std::ffi::OsString;

use anyhow::Result;

use crate::command::{cargo, succeed};

/// Which store to torment, and the torture program's own options.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The store (`sqlite` or `postgres`), then for example `--seconds 60` and `--json`; `--help` shows all.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    arguments: Vec<OsString>,
}

/// Builds and runs the torture program as the tests do: the same build, with the framework's debug
/// assertions and overflow checks armed. Speed is not what it looks for.
pub(crate) fn run_program(arguments: &Arguments) -> Result<()> {
    let mut command = cargo(["run", "--quiet", "--package", "cqrs-torture", "--"]);
    command
        .args(&arguments.arguments)
        .current_dir(std::env::current_dir()?);
    succeed("torture", &mut command)
}
