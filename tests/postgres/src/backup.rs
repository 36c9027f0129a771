//! Backups by Postgres' own programs.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};

use crate::cluster::programs;

/// A database as SQL, or one schema of it.
///
/// # Errors
///
/// What `pg_dump` says.
pub fn dump(url: &str, schema: Option<&str>) -> Result<String> {
    let mut command = Command::new(programs()?.join("pg_dump"));
    command.arg(format!("--dbname={url}"));
    command.args(schema.map(|schema| format!("--schema={schema}")));
    let output = command.output().context("pg_dump cannot be started")?;
    Ok(String::from_utf8(said(output)?.stdout)?)
}

/// Puts a dump into a database, whole or not at all.
///
/// # Errors
///
/// What `psql` says.
pub fn restore(url: &str, dump: &str) -> Result<()> {
    let mut child = Command::new(programs()?.join("psql"))
        .args(["-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f", "-", url])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("psql cannot be started")?;
    let mut input = child.stdin.take().context("psql takes no input")?;
    input.write_all(dump.as_bytes())?;
    drop(input);
    said(child.wait_with_output()?).map(drop)
}

fn said(output: Output) -> Result<Output> {
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{error}");
    Ok(output)
}
