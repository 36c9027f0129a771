//! A run: rounds on a new file each, until the time is over or a fault was found.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use fastrand::Rng;
use tempfile::TempDir;

use crate::arguments::Options;
use crate::check::{Findings, check};
use crate::round::Round;
use crate::tally::Tally;

/// Short enough that streams stay short (a writer that starts anew folds them whole), that a fault
/// is found soon, and that files are new often.
const ROUND: Duration = Duration::from_millis(2500);

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
        let end = until.min(Instant::now() + ROUND);
        let evidence = Round::new(&file, options.without, &mut rng, &mut tally).run(end)?;
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

/// A fault that nobody asked for is worth a look at its file.
fn keep(folder: TempDir) {
    eprintln!("the file stays in {}", folder.keep().display());
}
