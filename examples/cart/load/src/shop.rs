//! The shop as a process of its own.

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::Leash;

/// More than any number of visitors here asks for.
const REQUESTS_PER_SECOND: &str = "1000000";

/// An open shop with a store, a mail folder and a port of its own; it closes when this value is dropped.
#[derive(Debug)]
pub struct OpenShop {
    process: Leash,
    address: String,
}

impl OpenShop {
    /// Opens the shop of this program on a copy of a store, or on a new one, which stocks itself.
    ///
    /// The limit of requests is set out of the way: all visitors here come from one address.
    ///
    /// # Errors
    ///
    /// When the store cannot be copied, or the shop does not open; it says why on its own stderr.
    pub fn open(program: &Path, store: Option<&Path>) -> Result<Self> {
        let mut copied = Ok(());
        let mut process = Leash::start(|folder| {
            if let Some(store) = store {
                copied = copy(store, &folder.join("cart.db"));
            }
            command(program, folder)
        })?;
        copied.context("the store cannot be copied")?;
        let output = process.output().context("the shop says nothing")?;
        for line in BufReader::new(output).lines() {
            let line = line?;
            if let Some(rest) = line.strip_prefix("The shop is open at ") {
                let address = rest.split(' ').next().unwrap_or(rest).to_owned();
                return Ok(Self { process, address });
            }
        }
        anyhow::bail!("the shop {} did not open", program.display())
    }

    /// Where it is, such as `http://127.0.0.1:3000`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The file of the store.
    pub fn store(&self) -> PathBuf {
        self.process.folder().join("cart.db")
    }

    /// Where confirmations are written.
    pub fn mail_folder(&self) -> PathBuf {
        self.process.folder().join("mail")
    }
}

/// A store that nobody has open: the file, and the log in which the latest changes may still be.
fn copy(store: &Path, to: &Path) -> io::Result<()> {
    std::fs::copy(store, to)?;
    let log = store.with_extension("db-wal");
    if log.exists() {
        std::fs::copy(log, to.with_extension("db-wal"))?;
    }
    Ok(())
}

fn command(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(["--requests-per-second", REQUESTS_PER_SECOND])
        .env(
            "CART_STORE",
            format!("sqlite:{}", folder.join("cart.db").display()),
        )
        .env_remove("CART_MAIL_FOLDER")
        .env_remove("RUST_LOG");
    command
}

/// Imports a file of invoices into a new store, by the shop's own importer.
///
/// # Errors
///
/// When the importer fails; it says why on its own stderr.
pub fn import(program: &Path, invoices: &Path, store: &Path) -> Result<()> {
    let mut import = Command::new(program);
    import.arg("import").arg(invoices).stdout(Stdio::null());
    import
        .arg("--store")
        .arg(format!("sqlite:{}", store.display()));
    let status = import.status();
    let status = status.with_context(|| format!("{} cannot be started", program.display()))?;
    ensure!(
        status.success(),
        "{} cannot be imported",
        invoices.display()
    );
    Ok(())
}
