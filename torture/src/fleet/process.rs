//! One process: this program again, with a pipe at each end.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::Sender;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::ValueEnum;
use rustix::process::{Pid, Signal, kill_process};

use crate::arguments::Orders;
use crate::report::Report;

/// What comes out of a child's pipe.
#[derive(Debug)]
pub(crate) enum Heard {
    Said(Report),
    /// Nothing more: all that it said before was heard.
    Ended,
}

#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    pub(super) killed: bool,
    /// It has said something since it was started.
    pub(super) answers: bool,
    pub(super) paused_until: Option<Instant>,
}

impl Process {
    pub(super) fn start(
        orders: &Orders,
        member: usize,
        ears: Sender<(usize, Heard)>,
    ) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("child")
            .args(words(orders)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("a child cannot be started")?;
        let output = child.stdout.take();
        let process = Self {
            child,
            killed: false,
            answers: false,
            paused_until: None,
        };
        let output = output.context("a child has no output")?;
        std::thread::Builder::new().spawn(move || hear(output, member, &ears))?;
        Ok(process)
    }

    pub(super) fn kill(&mut self) -> Result<()> {
        self.killed = true;
        self.child.kill().context("a child cannot be killed")
    }

    pub(super) fn pause(&mut self, until: Instant) -> Result<()> {
        self.paused_until = Some(until);
        self.signal(Signal::STOP)
    }

    pub(super) fn go_on(&mut self) -> Result<()> {
        self.paused_until = None;
        self.signal(Signal::CONT)
    }

    pub(super) fn wait(&mut self) -> Result<ExitStatus> {
        Ok(self.child.wait()?)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        kill_process(Pid::from_child(&self.child), signal).context("a child cannot be signalled")
    }
}

/// Whatever ends the parent's work early, its children end with it.
impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A line that does not read is one that a kill cut off, so it was not said.
fn hear(output: ChildStdout, member: usize, ears: &Sender<(usize, Heard)>) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        if let Ok(report) = serde_json::from_str(&line) {
            // Nobody listens any more when the round is over.
            let _ = ears.send((member, Heard::Said(report)));
        }
    }
    let _ = ears.send((member, Heard::Ended));
}

fn words(orders: &Orders) -> Result<Vec<String>> {
    let record = orders.record.to_str();
    let record = record.context("the path of the record is no text")?;
    let mut words = vec![
        format!("--role={}", name(&orders.role)),
        format!("--store={}", orders.store),
        format!("--record={record}"),
        format!("--seed={}", orders.seed),
        format!("--lease={}", orders.lease),
        format!("--page={}", orders.page),
        format!("--poll={}", orders.poll),
        format!("--writer={}", orders.writer),
        format!("--applications={}", orders.applications),
    ];
    words.extend(orders.from.iter().map(|from| format!("--from={from}")));
    if let Some(without) = orders.without {
        words.push(format!("--without={}", name(&without)));
    }
    Ok(words)
}

fn name(value: &impl ValueEnum) -> String {
    let value = value.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}
