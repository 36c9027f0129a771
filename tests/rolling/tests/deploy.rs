//! An older and a newer build of one program on one file, as processes.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const OLDER: &str = env!("CARGO_BIN_EXE_older");
const NEWER: &str = env!("CARGO_BIN_EXE_newer");

/// A build that runs, until it is dropped.
struct Node {
    process: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Node {
    fn start(program: &str, folder: &tempfile::TempDir) -> Self {
        let url = format!("sqlite:{}", folder.path().join("desk.db").display());
        let mut process = Command::new(program)
            .arg(url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut node = Self {
            process,
            orders,
            answers,
        };
        assert_eq!(node.answer(), "ready");
        node
    }

    fn answer(&mut self) -> String {
        self.answers.next().unwrap().unwrap()
    }

    fn ask(&mut self, order: &str) -> String {
        writeln!(self.orders, "{order}").unwrap();
        self.answer()
    }

    /// The row once the view has come to the position.
    fn show(&mut self, position: &str) -> String {
        self.ask(&format!("show {position}"))
    }

    fn wait_for_state(&mut self, wanted: &str) {
        while self.ask("state") != wanted {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[test]
fn the_older_build_never_passes_an_event_of_the_newer_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut older = Node::start(OLDER, &folder);
    let position = older.ask("append Opened");
    assert_eq!(older.show(&position), "Opened");
    older.wait_for_state("live");

    let mut newer = Node::start(NEWER, &folder);
    newer.ask("append Reopened");
    let position = older.ask("append Closed");
    assert_eq!(newer.show(&position), "OpenedReopenedClosed");
    older.wait_for_state("outdated ticket.reopened");
    assert_eq!(older.show(&position), "OpenedReopenedClosed");

    // The newer build dies, and the older one must not go on in its place.
    let last = newer.ask("append Reopened");
    drop(newer);
    older.wait_for_state("outdated ticket.reopened");
    let mut newer = Node::start(NEWER, &folder);
    assert_eq!(newer.show(&last), "OpenedReopenedClosedReopened");

    // Nor may one that starts only now.
    let mut late = Node::start(OLDER, &folder);
    late.wait_for_state("outdated ticket.reopened");
    let position = late.ask("append Closed");
    assert_eq!(newer.show(&position), "OpenedReopenedClosedReopenedClosed");
}
