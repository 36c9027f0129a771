//! The memory of a catch-up: bounded by the page, so a log four times as long needs no more.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::catch_up::Logs;
use crate::engine::{Engine, Follower as _, Postgres, Sqlite, Store as _};
use crate::ours;
use crate::row::{Goal, Path, Row};

const SHORT: u64 = 100_000;
const LONG: u64 = 400_000;

/// What may come on top for the longer log: allocators and caches do not repeat to the byte.
const TOLERANCE: (f64, f64) = (1.25, 4.0);

pub(crate) const MEMORY: Path = Path {
    name: "memory of a catch-up",
    unit: "MiB",
    goal: Goal::None,
};

/// A catch-up in a process of its own.
#[derive(Debug, clap::Args)]
pub(crate) struct Probe {
    /// The engine's name.
    engine: String,
    /// Which side catches up.
    side: Side,
    /// Where the log is.
    url: String,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Side {
    Ours,
    Raw,
}

/// The growth over the longer log beside that over the shorter one.
///
/// `None` where the system does not tell how much memory a process has had.
pub(crate) async fn memory<E: Engine>(engine: &E) -> Result<Option<Row>> {
    if peak().is_none() {
        return Ok(None);
    }
    let (ours_short, raw_short) = growths(engine, SHORT).await?;
    let (ours_long, raw_long) = growths(engine, LONG).await?;
    let limit = ours_short * TOLERANCE.0 + TOLERANCE.1;
    Ok(Some(Row {
        path: Path {
            goal: Goal::AtMost(limit),
            ..MEMORY
        },
        ours: ours_long,
        raw: Some(raw_long),
        spread: None,
        note: Some(format!(
            "over 400,000 events; over 100,000: ours {ours_short:.1}, raw {raw_short:.1}"
        )),
    }))
}

/// Catches up and prints by how many KiB the process grew meanwhile.
pub(crate) async fn probe(probe: Probe) -> Result<()> {
    let (before, url) = (peak().context("the peak is unknown")?, &probe.url);
    match (probe.side, probe.engine.as_str()) {
        (Side::Ours, _) => ours::catch_up::catch_up(url).await?.shutdown().await,
        (Side::Raw, Postgres::NAME) => <Postgres<'_>>::follow(url).await?.catch_up().await?,
        (Side::Raw, _) => Sqlite::follow(url).await?.catch_up().await?,
    }
    println!("{}", peak().context("the peak is unknown")? - before);
    Ok(())
}

/// By how much either side grows over a log of so many events.
async fn growths<E: Engine>(engine: &E, events: u64) -> Result<(f64, f64)> {
    let logs = Logs::fill(engine, events).await?;
    let ours = grow::<E>(Side::Ours, &logs.ours.url())?;
    Ok((ours, grow::<E>(Side::Raw, &logs.raw.url())?))
}

/// MiB by which a process grows that catches up with the log.
fn grow<E: Engine>(side: Side, url: &str) -> Result<f64> {
    let side = match side {
        Side::Ours => "ours",
        Side::Raw => "raw",
    };
    // Only where there is /proc; and this very program, even if it was built anew meanwhile.
    let child = Command::new("/proc/self/exe")
        .args(["probe", E::NAME, side, url])
        .output()?;
    let complaint = String::from_utf8_lossy(&child.stderr);
    ensure!(child.status.success(), "the probe failed: {complaint}");
    let kibibytes: f64 = String::from_utf8(child.stdout)?.trim().parse()?;
    Ok(kibibytes / 1024.0)
}

/// The most memory that this process has had, in KiB.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
