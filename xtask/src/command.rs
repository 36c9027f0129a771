//! Running a program: said beforehand, timed, and an error when it fails.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The cargo that runs this task, at the repository's root.
pub(crate) fn cargo<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).current_dir(root());
    command
}

/// Runs the step and fails when it does.
pub(crate) fn run(step: &str, mut command: Command) -> Result<()> {
    println!("── {step}");
    let started = Instant::now();
    succeed(step, &mut command)?;
    println!("── {step}: {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// Runs the step without a word of our own, and fails when it does.
pub(crate) fn succeed(step: &str, command: &mut Command) -> Result<()> {
    let status = command.status();
    let status =
        status.with_context(|| format!("{:?} cannot be started", command.get_program()))?;
    if !status.success() {
        bail!("{step}: {} failed ({status})", shown(command));
    }
    Ok(())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
