//! Each check finds what it is for, and nothing in a log that is right.

use super::*;

const SEED: u64 = 7;

/// What two writers did to one stream in turn, as a store that is right shows it.
fn right() -> (Vec<Line>, Answers) {
    let (mut lines, mut answers) = (Vec::new(), Answers::new());
    for (sequence, writer) in (1..=4).flat_map(|sequence| [(sequence, 0), (sequence, 1)]) {
        let stream = 0;
        let order = Order {
            writer,
            stream,
            sequence,
        };
        for line in 0..order.lines(SEED) {
            let place = lines.len() as u64 + 1;
            lines.push(Line {
                order,
                line,
                number: place,
                version: place,
                position: place,
            });
        }
        let last = lines.len() as u64;
        let answer = Answer {
            version: last,
            position: last,
            events: order.lines(SEED),
        };
        answers.entry(order).or_default().insert(answer);
    }
    (lines, answers)
}

/// The places that a store gives, given anew: what happened to the events is left to be found.
fn placed(mut lines: Vec<Line>) -> Vec<Line> {
    for (line, place) in lines.iter_mut().zip(1..) {
        (line.number, line.version, line.position) = (place, place, place);
    }
    lines
}

#[track_caller]
fn assert_finds(kind: Kind, lines: &[Line], answers: &Answers) {
    let mut findings = Findings::default();
    check_lines(lines, answers, SEED, &mut findings);
    let found = findings.faults.iter().any(|(found, _)| *found == kind);
    assert!(found, "not {kind:?}: {findings:?}");
}

#[test]
fn a_log_that_is_right_has_no_fault() {
    let (lines, answers) = right();
    let mut findings = Findings::default();
    check_lines(&lines, &answers, SEED, &mut findings);
    assert!(findings.faults.is_empty(), "{findings:?}");
}

#[test]
fn a_lost_last_command_is_found() {
    let (mut lines, answers) = right();
    let last = lines[lines.len() - 1].order;
    lines.retain(|line| line.order != last);
    assert_finds(Kind::Lost, &lines, &answers);
}

#[test]
fn a_gap_is_found() {
    let (mut lines, _) = right();
    lines.remove(1);
    assert_finds(Kind::Lost, &lines, &Answers::new());
}

#[test]
fn a_command_in_pieces_is_found() {
    let (mut lines, _) = right();
    let whole = lines.iter().position(|line| line.line > 0);
    lines.remove(whole.unwrap());
    assert_finds(Kind::Lost, &placed(lines), &Answers::new());
}

#[test]
fn a_receipt_of_another_place_is_found() {
    let (lines, mut answers) = right();
    let answer = answers.values_mut().next().unwrap();
    let wrong = answer.iter().map(|answer| Answer {
        position: answer.position + 1,
        ..*answer
    });
    *answer = wrong.collect();
    assert_finds(Kind::Lost, &lines, &answers);
}

#[test]
fn a_doubled_command_is_found() {
    let (mut lines, _) = right();
    lines.extend(lines.last().copied());
    assert_finds(Kind::Doubled, &placed(lines), &Answers::new());
}

#[test]
fn a_doubled_version_is_found() {
    let (mut lines, _) = right();
    lines[1].version = lines[0].version;
    assert_finds(Kind::Doubled, &lines, &Answers::new());
}

#[test]
fn a_stale_decision_is_found() {
    let (mut lines, _) = right();
    lines[1].number = lines[0].number;
    assert_finds(Kind::Doubled, &lines, &Answers::new());
}

#[test]
fn a_later_command_before_an_earlier_one_is_found() {
    let (mut lines, _) = right();
    lines.reverse();
    assert_finds(Kind::Reordered, &placed(lines), &Answers::new());
}
