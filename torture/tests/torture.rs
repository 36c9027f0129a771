//! A short torture finds no fault; with a mechanism switched off, it finds one.

#![allow(clippy::unwrap_used)]

use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// Each run fills the machine: two at a time would only slow each other down.
static TURN: Mutex<()> = Mutex::new(());

/// Enough for a slow machine; the first fault ends a run.
const PATIENCE: &str = "--seconds=40";

fn torture(options: &[&str]) -> (bool, Value) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut command = Command::new(env!("CARGO_BIN_EXE_cqrs-torture"));
    let output = command.args(["sqlite", "--json"]).args(options).output();
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

fn sum(tally: &Value, names: &[&str]) -> u64 {
    names.iter().map(|name| tally[name].as_u64().unwrap()).sum()
}

const FAULTS: [&str; 4] = ["lost", "doubled", "reordered", "view_differences"];

fn finds_a_fault_without(mechanism: &str, faults: &[&str]) {
    let (success, tally) = torture(&[PATIENCE, "--without", mechanism]);
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

#[test]
fn nothing_is_lost_doubled_reordered_or_wrong_in_a_view() {
    let (success, tally) = torture(&["--seconds", "10", "--seed", "1"]);
    assert!(success, "{tally}");
    assert_eq!(sum(&tally, &FAULTS), 0, "{tally}");
    for happened in ["kills", "pauses", "acknowledged", "rebuilds"] {
        assert!(sum(&tally, &[happened]) > 0, "{tally}");
    }
    assert_eq!(tally["seed"], 1);
}

#[test]
fn without_the_expected_version_stale_decisions_are_found() {
    finds_a_fault_without("expected-version", &["doubled"]);
}

#[test]
fn without_the_command_id_repeats_are_found() {
    finds_a_fault_without("command-id", &["doubled", "reordered"]);
}

#[test]
fn without_the_order_a_wrong_view_is_found() {
    finds_a_fault_without("order", &["view_differences"]);
}

#[test]
fn without_the_checkpoint_in_the_transaction_a_wrong_view_is_found() {
    finds_a_fault_without("checkpoint", &["view_differences"]);
}

#[test]
fn without_the_epoch_a_wrong_view_is_found() {
    finds_a_fault_without("epoch", &["view_differences"]);
}

#[test]
fn without_the_condition_of_the_swap_a_view_that_goes_back_is_found() {
    finds_a_fault_without("swap", &["view_differences"]);
}
