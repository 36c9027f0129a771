//! A disk with little room.

use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::Cluster;
use crate::cluster::Account;

/// A disk in memory for a server's files, unmounted with this value. Only root may mount one.
#[derive(Debug)]
pub struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    /// A disk of so many megabytes that the server may write.
    ///
    /// # Errors
    ///
    /// When the system lets nobody mount it.
    pub fn mount(cluster: &Cluster, megabytes: u32) -> Result<Self> {
        let folder = cluster.folder().join("small");
        std::fs::create_dir(&folder)?;
        let size = format!("size={megabytes}m");
        run(&["mount", "-t", "tmpfs", "-o", &size, "tmpfs"], &folder)?;
        let disk = Self { folder };
        if let Some(account) = Account::for_server()? {
            chown(&disk.folder, Some(account.user), Some(account.group))?;
        }
        Ok(disk)
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes room up to so many megabytes.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn grow(&self, megabytes: u32) -> Result<()> {
        let size = format!("remount,size={megabytes}m");
        run(&["mount", "-o", &size], &self.folder)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // At once for everybody else; for the server, when it closes its files.
        if let Err(error) = run(&["umount", "-l"], &self.folder) {
            eprintln!("{} stays mounted: {error:#}", self.folder.display());
        }
    }
}

fn run(command: &[&str], folder: &Path) -> Result<()> {
    let (program, arguments) = command.split_first().context("no program")?;
    let output = Command::new(program).args(arguments).arg(folder).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program}: {said}");
    Ok(())
}
