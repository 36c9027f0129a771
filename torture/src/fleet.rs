//! The children of one round: started, struck, and started again.

mod process;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use anyhow::{Result, bail};

pub(crate) use self::process::Heard;
use self::process::Process;
use crate::arguments::Orders;

/// A child's place: one process after the other works there.
#[derive(Debug)]
pub(crate) struct Fleet {
    members: Vec<Option<Process>>,
    ears: Sender<(usize, Heard)>,
    heard: Receiver<(usize, Heard)>,
}

impl Fleet {
    pub(crate) fn new(members: usize) -> Self {
        let (ears, heard) = channel();
        Self {
            members: (0..members).map(|_| None).collect(),
            ears,
            heard,
        }
    }

    pub(crate) fn start(&mut self, member: usize, orders: &Orders) -> Result<()> {
        self.members[member] = Some(Process::start(orders, member, self.ears.clone())?);
        Ok(())
    }

    /// What a child says next, and `None` if none does until then.
    pub(crate) fn listen(&mut self, until: Instant) -> Option<(usize, Heard)> {
        let time = until.saturating_duration_since(Instant::now());
        let (member, heard) = self.heard.recv_timeout(time).ok()?;
        if let (Heard::Said(_), Some(process)) = (&heard, &mut self.members[member]) {
            process.answers = true;
        }
        Some((member, heard))
    }

    /// A child that neither stands still nor is on its way out, if this one is such.
    fn working(&mut self, member: usize) -> Option<&mut Process> {
        let process = self.members[member].as_mut();
        process.filter(|process| !process.killed && process.paused_until.is_none())
    }

    /// Whether this one works and has said so.
    pub(crate) fn answers(&mut self, member: usize) -> bool {
        self.working(member).is_some_and(|process| process.answers)
    }

    /// How many of them do.
    pub(crate) fn answering(&mut self) -> usize {
        (0..self.members.len())
            .filter(|member| self.answers(*member))
            .count()
    }

    /// Says whether there was anybody to strike.
    pub(crate) fn kill(&mut self, member: usize) -> Result<bool> {
        match self.working(member) {
            Some(process) => process.kill().map(|()| true),
            None => Ok(false),
        }
    }

    pub(crate) fn pause(&mut self, member: usize, until: Instant) -> Result<bool> {
        match self.working(member) {
            Some(process) => process.pause(until).map(|()| true),
            None => Ok(false),
        }
    }

    /// Lets those go on whose pause is over, and says when the next one's is.
    pub(crate) fn continue_due(&mut self) -> Result<Option<Instant>> {
        let mut next: Option<Instant> = None;
        for process in self.members.iter_mut().flatten() {
            let Some(until) = process.paused_until else {
                continue;
            };
            if until <= Instant::now() {
                process.go_on()?;
            } else {
                next = Some(next.map_or(until, |next| next.min(until)));
            }
        }
        Ok(next)
    }

    /// A child's pipe is closed and its process gone; it may be started again.
    pub(crate) fn bury(&mut self, member: usize) -> Result<()> {
        let Some(mut process) = self.members[member].take() else {
            return Ok(());
        };
        let killed = process.killed;
        let status = process.wait()?;
        if !killed {
            bail!("child {member} ended by itself ({status})");
        }
        Ok(())
    }

    /// Kills all. What they said last can still be listened to.
    pub(crate) fn kill_all(&mut self) -> Result<()> {
        for process in self.members.iter_mut().flatten() {
            process.kill()?;
        }
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.members.iter().all(Option::is_none)
    }
}
