//! The view: the plain fold of the log, made here event by event.

use std::collections::BTreeMap;

use cqrs::Recorded;

use super::{Findings, Kind};
use crate::domain::{LedgerEvent, LedgerRow, TOTAL};

pub(super) fn check(
    view: &str,
    events: &[Recorded<LedgerEvent>],
    rows: Vec<LedgerRow>,
    findings: &mut Findings,
) {
    let mut expected = fold(events);
    for row in rows {
        match expected.remove(&row.ledger.to_string()) {
            Some(expected) if expected == row => {}
            expected => findings.add(
                Kind::View,
                format!("{view}: {row:?} instead of {expected:?}"),
            ),
        }
    }
    for missing in expected.values() {
        findings.add(Kind::View, format!("{view}: no row instead of {missing:?}"));
    }
}

fn fold(events: &[Recorded<LedgerEvent>]) -> BTreeMap<String, LedgerRow> {
    let mut rows = BTreeMap::new();
    for event in events {
        for key in [event.id.to_string(), TOTAL.to_owned()] {
            let empty = || LedgerRow {
                ledger: key.as_str().into(),
                entries: 0,
                version: 0,
                position: 0,
                digest: 0,
            };
            rows.entry(key.clone()).or_insert_with(empty).add(event);
        }
    }
    rows
}
