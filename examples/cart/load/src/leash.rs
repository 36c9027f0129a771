//! A process that ends with the one that started it, even when that one is killed.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result};

const SCRIPT: &str = include_str!("leash.sh");

/// A program with a temporary folder. It is asked to end when this value is dropped, killed when it
/// does not within ten seconds, and with it go the programs that it started, and the folder.
#[derive(Debug)]
pub struct Leash {
    shell: Child,
    folder: PathBuf,
}

impl Leash {
    /// Starts the program that `command` makes of the folder, with its arguments and environment.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made or no shell can be started.
    pub fn start(command: impl FnOnce(&Path) -> Command) -> Result<Self> {
        let folder = tempfile::tempdir().context("no temporary folder can be made")?;
        let wanted = command(folder.path());
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(SCRIPT).arg("leash").arg(folder.path());
        shell.arg(wanted.get_program()).args(wanted.get_args());
        for (name, value) in wanted.get_envs() {
            set(&mut shell, name, value);
        }
        // A group of its own: the end is told to all that is in it.
        let shell = shell.process_group(0);
        let shell = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let shell =
            shell.with_context(|| format!("{:?} cannot be started", wanted.get_program()))?;
        // From here on the shell removes it.
        let folder = folder.keep();
        Ok(Self { shell, folder })
    }

    /// The temporary folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the program says, once.
    pub fn output(&mut self) -> Option<ChildStdout> {
        self.shell.stdout.take()
    }
}

fn set(command: &mut Command, name: &OsStr, value: Option<&OsStr>) {
    match value {
        Some(value) => command.env(name, value),
        None => command.env_remove(name),
    };
}

impl Drop for Leash {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // Nothing can be done about a shell that is gone already.
        let _ = self.shell.wait();
    }
}
