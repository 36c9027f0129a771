//! Runs of the program, one at a time.

#![allow(clippy::unwrap_used)]

use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// Each run fills the machine: two at a time would only slow each other down.
static TURN: Mutex<()> = Mutex::new(());

/// Enough for a slow machine; the first fault ends a run.
const PATIENCE: &str = "--seconds=60";

/// Runs the program on a store, and says whether it found no fault, and what it counted.
pub(crate) fn torture(store: &str, options: &[&str]) -> (bool, Value) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut command = Command::new(env!("CARGO_BIN_EXE_cqrs-torture"));
    let output = command.args([store, "--json"]).args(options).output();
    let Output {
        status,
        stdout,
        stderr,
    } = output.unwrap();
    let stdout = String::from_utf8(stdout).unwrap();
    let said = String::from_utf8_lossy(&stderr);
    let last = stdout
        .lines()
        .last()
        .unwrap_or_else(|| panic!("{status}: {said}"));
    eprintln!("{last}\n{said}");
    (status.success(), serde_json::from_str(last).unwrap())
}

pub(crate) fn sum(tally: &Value, names: &[&str]) -> u64 {
    names.iter().map(|name| tally[name].as_u64().unwrap()).sum()
}

pub(crate) const FAULTS: [&str; 4] = ["lost", "doubled", "reordered", "view_differences"];

pub(crate) fn finds_a_fault_without(store: &str, mechanism: &str, faults: &[&str]) {
    let (success, tally) = torture(store, &[PATIENCE, "--without", mechanism]);
    assert!(!success, "without {mechanism}, no fault: {tally}");
    assert!(
        sum(&tally, faults) > 0,
        "without {mechanism}, other faults: {tally}"
    );
    assert_eq!(
        sum(&tally, &FAULTS),
        sum(&tally, faults),
        "without {mechanism}, more faults than it explains: {tally}"
    );
}
