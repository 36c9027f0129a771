//! A run: rounds on a new file each, until the time is over or a fault was found.

use std::ops::Range;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use fastrand::Rng;
use tempfile::TempDir;

use crate::arguments::Options;
use crate::check::{Findings, check};
use crate::round::Round;
use crate::tally::Tally;

/// How many milliseconds a round may last. Short enough that streams stay short (a writer that starts
/// anew folds them whole), that a fault is found soon, and that files are new often: a view's first
/// page has gone wrong where all others were right.
const ROUND: Range<u64> = 500..3000;

/// The first faults say it; the rest follows from them.
const SHOWN: usize = 5;

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    // Exact in every reader of JSON.
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..1 << 32));
    let mut tally = Tally::new(seed);
    let mut rng = Rng::with_seed(tally.seed);
    let until = Instant::now() + Duration::from_secs(options.seconds);
    while Instant::now() < until && tally.is_clean() {
        let folder = tempfile::Builder::new().prefix("cqrs-torture-").tempdir()?;
        let file = folder.path().join("torture.db");
        let length = Duration::from_millis(rng.u64(ROUND));
        let end = until.min(Instant::now() + length);
        let evidence = Round::new(&file, options.without, &mut rng, &mut tally).run(end)?;
        set_aside(folder.path())?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let findings = runtime.block_on(check(&file, tally.seed, &evidence))?;
        tally.add(&findings);
        show(&findings);
        if !tally.is_clean() && options.without.is_none() {
            keep(folder);
        }
    }
    tally.print(options.json)?;
    Ok(match tally.is_clean() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn show(findings: &Findings) {
    for (kind, what) in findings.0.iter().take(SHOWN) {
        eprintln!("{kind:?}: {what}");
    }
}

/// Copies the files as the children left them: whoever opens them and closes them again, as the
/// checks do, moves the write-ahead log into the database and so removes what it tells.
fn set_aside(folder: &Path) -> Result<()> {
    let found = folder.join("found");
    std::fs::create_dir(&found)?;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), found.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// A fault that nobody asked for is worth a look at its file.
fn keep(folder: TempDir) {
    eprintln!("the file stays in {}", folder.keep().display());
}
