//! A short torture of SQLite finds no fault; with a mechanism switched off, it finds one.

#![allow(clippy::unwrap_used)]

mod common;

use common::{FAULTS, finds_a_fault_without, sum, torture};

#[test]
fn nothing_is_lost_doubled_reordered_or_wrong_in_a_view() {
    let (success, tally) = torture("sqlite", &["--seconds", "10", "--seed", "1"]);
    assert!(success, "{tally}");
    assert_eq!(sum(&tally, &FAULTS), 0, "{tally}");
    for happened in ["kills", "pauses", "acknowledged", "delivered", "rebuilds"] {
        assert!(sum(&tally, &[happened]) > 0, "{tally}");
    }
    assert_eq!(tally["seed"], 1);
}

#[test]
fn without_the_expected_version_stale_decisions_are_found() {
    finds_a_fault_without("sqlite", "expected-version", &["doubled"]);
}

#[test]
fn without_the_command_id_repeats_are_found() {
    finds_a_fault_without("sqlite", "command-id", &["doubled", "reordered"]);
}

#[test]
fn without_the_order_a_wrong_view_is_found() {
    finds_a_fault_without("sqlite", "order", &["reordered", "view_differences"]);
}

#[test]
fn without_the_checkpoint_in_the_transaction_a_wrong_view_is_found() {
    finds_a_fault_without("sqlite", "checkpoint", &["view_differences"]);
}

#[test]
fn without_the_epoch_a_wrong_view_is_found() {
    finds_a_fault_without("sqlite", "epoch", &["view_differences"]);
}

#[test]
fn without_the_condition_of_the_swap_a_view_that_goes_back_is_found() {
    finds_a_fault_without("sqlite", "swap", &["view_differences"]);
}

#[test]
fn there_is_no_mark_to_switch_off() {
    let program = env!("CARGO_BIN_EXE_cqrs-torture");
    let mut program = std::process::Command::new(program);
    let output = program
        .args(["sqlite", "--without", "mark"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("SQLite has no mark"), "{said}");
}
