//! The log: every acknowledged event once and where its receipt said, no gap, nothing twice, the
//! commands of a writer in the order in which it sent them.

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use cqrs::Recorded;

use super::{Findings, Kind};
use crate::domain::LedgerEvent;
use crate::evidence::Answers;
use crate::workload::{Answer, Order, stream_number};

/// An event as the checks need it.
#[derive(Debug, Clone, Copy)]
struct Line {
    order: Order,
    line: u64,
    number: u64,
    version: u64,
    position: u64,
}

pub(super) fn check(
    events: &[Recorded<LedgerEvent>],
    answers: &Answers,
    seed: u64,
    findings: &mut Findings,
) {
    let lines: Vec<Line> = events.iter().filter_map(line).collect();
    if lines.len() < events.len() {
        findings.add(Kind::Doubled, "the log has streams that nobody wrote to");
    }
    check_lines(&lines, answers, seed, findings);
}

fn check_lines(lines: &[Line], answers: &Answers, seed: u64, findings: &mut Findings) {
    positions(lines, findings);
    versions(lines, findings);
    commands(lines, seed, findings);
    sequences(lines, findings);
    receipts(lines, answers, seed, findings);
}

fn line(event: &Recorded<LedgerEvent>) -> Option<Line> {
    let LedgerEvent::Entered {
        writer,
        sequence,
        line,
        number,
    } = event.data;
    let order = Order {
        writer,
        stream: stream_number(&event.id)?,
        sequence,
    };
    Some(Line {
        order,
        line,
        number,
        version: event.version,
        position: event.position.get(),
    })
}

fn positions(lines: &[Line], findings: &mut Findings) {
    for pair in lines.windows(2) {
        match pair[0].position.cmp(&pair[1].position) {
            Ordering::Less => {}
            Ordering::Equal => findings.add(Kind::Doubled, format!("one position: {pair:?}")),
            Ordering::Greater => findings.add(Kind::Reordered, format!("{pair:?}")),
        }
    }
}

/// The version is the store's, the number was decided on a state: both count the stream's events.
fn versions(lines: &[Line], findings: &mut Findings) {
    let mut last: BTreeMap<u64, u64> = BTreeMap::new();
    for line in lines {
        let before = last.insert(line.order.stream, line.version).unwrap_or(0);
        match line.version.cmp(&(before + 1)) {
            Ordering::Equal => {}
            Ordering::Greater => findings.add(Kind::Lost, format!("gap before {line:?}")),
            Ordering::Less => findings.add(Kind::Doubled, format!("{line:?} after {before}")),
        }
        if line.number != line.version {
            findings.add(Kind::Doubled, format!("decided on a stale state: {line:?}"));
        }
    }
}

/// Every command is there once and whole, acknowledged or not.
fn commands(lines: &[Line], seed: u64, findings: &mut Findings) {
    let mut found: BTreeMap<Order, BTreeMap<u64, u64>> = BTreeMap::new();
    for line in lines {
        let command = found.entry(line.order).or_default();
        *command.entry(line.line).or_default() += 1;
    }
    for (order, lines) in &found {
        if !lines.keys().copied().eq(0..order.lines(seed)) {
            findings.add(Kind::Lost, format!("{order:?} is in pieces: {lines:?}"));
        }
        for (line, times) in lines.iter().filter(|(_, times)| **times > 1) {
            findings.add(
                Kind::Doubled,
                format!("{order:?}, line {line}: {times} times"),
            );
        }
    }
}

fn sequences(lines: &[Line], findings: &mut Findings) {
    let mut last: BTreeMap<(u64, u64), (u64, u64)> = BTreeMap::new();
    for line in lines {
        let lane = (line.order.writer, line.order.stream);
        let place = (line.order.sequence, line.line);
        if let Some(before) = last.insert(lane, place).filter(|before| *before > place) {
            findings.add(Kind::Reordered, format!("{line:?} after {before:?}"));
        }
    }
}

fn receipts(lines: &[Line], answers: &Answers, seed: u64, findings: &mut Findings) {
    let by_place = lines
        .iter()
        .map(|line| ((line.order.stream, line.version), line));
    let by_place: BTreeMap<(u64, u64), &Line> = by_place.collect();
    for (order, answers) in answers {
        for answer in answers {
            if !is_there(&by_place, *order, *answer, seed) {
                findings.add(Kind::Lost, format!("{order:?} is not at {answer:?}"));
            }
        }
    }
}

fn is_there(
    by_place: &BTreeMap<(u64, u64), &Line>,
    order: Order,
    answer: Answer,
    seed: u64,
) -> bool {
    let events = order.lines(seed);
    let line_at = |line: u64| {
        let version = (answer.version + line + 1).checked_sub(events)?;
        by_place.get(&(order.stream, version)).copied()
    };
    let mut lines = (0..events).map(|line| (line, line_at(line)));
    let all = lines
        .all(|(line, found)| found.is_some_and(|found| found.order == order && found.line == line));
    let last = by_place.get(&(order.stream, answer.version));
    all && answer.events == events && last.is_some_and(|last| last.position == answer.position)
}
