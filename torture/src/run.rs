//! A run: rounds on an empty store each, until the time is over or a fault was found.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use fastrand::Rng;

use crate::arguments::Options;
use crate::check::{Findings, check};
use crate::round::Round;
use crate::tally::Tally;
use crate::target::Target;

/// The first faults say it; the rest follows from them.
const SHOWN: usize = 5;

pub(crate) fn run(options: &Options, target: &mut dyn Target) -> Result<ExitCode> {
    // Exact in every reader of JSON.
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..1 << 32));
    let mut tally = Tally::new(seed);
    let mut rng = Rng::with_seed(tally.seed);
    let until = Instant::now() + Duration::from_secs(options.seconds);
    while Instant::now() < until && tally.is_clean() {
        target.begin()?;
        let length = Duration::from_millis(rng.u64(target.shape().round.clone()));
        let end = until.min(Instant::now() + length);
        let round = Round::new(target, options.without, &mut rng, &mut tally);
        let evidence = round.run(end)?;
        let address = target.settle(&mut tally)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let record = target.record();
        let checked = check(&address, &record, tally.seed, &evidence);
        let findings = runtime.block_on(checked)?;
        tally.add(&findings);
        show(&findings);
        if !tally.is_clean() && options.without.is_none() {
            target.keep()?;
        }
        target.end()?;
    }
    tally.print(options.json)?;
    Ok(match tally.is_clean() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn show(findings: &Findings) {
    for (kind, what) in findings.faults.iter().take(SHOWN) {
        eprintln!("{kind:?}: {what}");
    }
}
