//! The same on a Postgres server, which is crashed, cut off and restored as well.

#![allow(clippy::unwrap_used)]

mod common;

use common::{FAULTS, finds_a_fault_without, sum, torture};

#[test]
fn nothing_is_lost_doubled_reordered_or_wrong_in_a_view() {
    let (success, tally) = torture("postgres", &["--seconds", "20", "--seed", "1"]);
    assert!(success, "{tally}");
    assert_eq!(sum(&tally, &FAULTS), 0, "{tally}");
    for happened in [
        "kills",
        "pauses",
        "crashes",
        "cuts",
        "restores",
        "acknowledged",
        "delivered",
    ] {
        assert!(sum(&tally, &[happened]) > 0, "{tally}");
    }
    assert_eq!(tally["seed"], 1);
}

#[test]
fn without_the_expected_version_stale_decisions_are_found() {
    finds_a_fault_without("postgres", "expected-version", &["doubled"]);
}

#[test]
fn without_the_command_id_repeats_are_found() {
    finds_a_fault_without("postgres", "command-id", &["doubled", "reordered"]);
}

#[test]
fn without_the_order_a_wrong_view_is_found() {
    finds_a_fault_without("postgres", "order", &["reordered", "view_differences"]);
}

#[test]
fn without_the_checkpoint_in_the_transaction_a_wrong_view_is_found() {
    finds_a_fault_without("postgres", "checkpoint", &["view_differences"]);
}

#[test]
fn without_the_epoch_a_wrong_view_is_found() {
    finds_a_fault_without("postgres", "epoch", &["view_differences"]);
}

#[test]
fn without_the_condition_of_the_swap_a_view_that_goes_back_is_found() {
    finds_a_fault_without("postgres", "swap", &["view_differences"]);
}

#[test]
fn without_the_mark_lost_events_are_found() {
    finds_a_fault_without("postgres", "mark", &["lost", "view_differences"]);
}
