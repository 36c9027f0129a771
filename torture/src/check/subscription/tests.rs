//! Each fault of a subscription is found, and none where there is none.

use super::*;

fn marks(positions: &[u64]) -> Vec<Mark> {
    let id = |position: &u64| Uuid::from_u128(u128::from(*position));
    positions
        .iter()
        .map(|position| (*position, id(position)))
        .collect()
}

/// What is found when the log has 1, 2, 4 and 5.
fn found(delivered: &[Mark]) -> Vec<Kind> {
    let mut findings = Findings::default();
    compare(&marks(&[1, 2, 4, 5]), delivered, &mut findings);
    findings.faults.into_iter().map(|(kind, _)| kind).collect()
}

#[test]
fn all_in_order_is_right_also_when_some_come_again() {
    assert_eq!(found(&marks(&[1, 2, 4, 5])), []);
    assert_eq!(found(&marks(&[1, 2, 4, 1, 2, 4, 5])), []);
}

#[test]
fn one_that_never_came_is_lost() {
    assert_eq!(found(&marks(&[1, 4, 5])), [Kind::Lost]);
    assert_eq!(found(&marks(&[1, 2, 4])), [Kind::Lost]);
}

#[test]
fn one_that_came_too_late_is_out_of_order() {
    assert_eq!(found(&marks(&[1, 4, 2, 5])), [Kind::Reordered]);
}

#[test]
fn one_that_the_log_does_not_have_is_found() {
    let mut delivered = marks(&[1, 2, 4, 5]);
    delivered[2].1 = Uuid::nil();
    assert_eq!(found(&delivered), [Kind::Doubled]);
    assert_eq!(found(&marks(&[1, 2, 3, 4, 5])), [Kind::Doubled]);
}
