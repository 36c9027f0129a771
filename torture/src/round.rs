//! A round: one store, its children, and the strikes at both until the time is over.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use fastrand::Rng;

use crate::arguments::{Orders, Role};
use crate::evidence::Evidence;
use crate::fleet::{Fleet, Heard};
use crate::report::Report;
use crate::tally::Tally;
use crate::target::{Shape, Struck, Target};
use crate::without::Mechanism;

/// A rebuild would mend a wrong view, so it takes part only where that hides nothing. And nobody looks
/// before the end where lost events are to be found, which the end of the round tells best.
fn crew(shape: &Shape, without: Option<Mechanism>) -> Vec<Role> {
    let mut crew = shape.crew.to_vec();
    match without {
        None => crew.push(Role::Rebuilder),
        Some(Mechanism::Swap) => return shape.eyes.to_vec(),
        Some(Mechanism::Mark) => crew.retain(|role| *role != Role::Reader),
        Some(_) => {}
    }
    crew
}

/// How many of its acknowledged commands a writer may send again.
const AGAIN: u64 = 3;

/// A killed child's pipe closes at once; longer means that something else holds it.
const BURIAL: Duration = Duration::from_secs(30);

pub(crate) struct Round<'a> {
    target: &'a mut dyn Target,
    seed: u64,
    without: Option<Mechanism>,
    rng: &'a mut Rng,
    tally: &'a mut Tally,
    crew: Vec<Role>,
    fleet: Fleet,
    /// Who was the last to take the view's lease.
    leader: usize,
    evidence: Evidence,
}

impl<'a> Round<'a> {
    pub(crate) fn new(
        target: &'a mut dyn Target,
        without: Option<Mechanism>,
        rng: &'a mut Rng,
        tally: &'a mut Tally,
    ) -> Self {
        let crew = crew(target.shape(), without);
        Self {
            target,
            seed: tally.seed,
            without,
            rng,
            tally,
            fleet: Fleet::new(crew.len()),
            crew,
            leader: 0,
            evidence: Evidence::default(),
        }
    }

    /// Strikes until the time is over or a child saw a fault, then kills all.
    pub(crate) fn run(mut self, until: Instant) -> Result<Evidence> {
        self.start_all()?;
        let mut next_strike = Instant::now();
        while Instant::now() < until && self.evidence.faults.is_empty() {
            let mut due = next_strike.min(until);
            if let Some(next) = self.fleet.continue_due()? {
                due = due.min(next);
            }
            if let Some((member, heard)) = self.fleet.listen(due) {
                self.take(member, heard, true)?;
            }
            if Instant::now() >= next_strike {
                self.strike()?;
                next_strike =
                    Instant::now() + self.milliseconds(self.target.shape().strikes.clone());
            }
        }
        self.end()?;
        self.tally.acknowledged += self.evidence.answers.len() as u64;
        Ok(self.evidence)
    }

    fn start_all(&mut self) -> Result<()> {
        (0..self.crew.len()).try_for_each(|member| self.start(member))
    }

    /// Writers are numbered in the order of the crew, which they lead.
    fn start(&mut self, member: usize) -> Result<()> {
        let (role, shape) = (self.crew[member], self.target.shape());
        let mut orders = Orders {
            role,
            store: self.target.address(role)?,
            record: self.target.record(),
            seed: self.seed,
            without: self.without,
            lease: shape.lease.as_millis() as u64,
            page: shape.page,
            poll: shape.poll.as_millis() as u64,
            writer: 0,
            applications: shape.applications,
            from: Vec::new(),
        };
        if role == Role::Writer {
            orders.writer = member as u64;
            let again = self.rng.u64(..=AGAIN);
            orders.from = self
                .evidence
                .continuation(orders.writer, shape.streams, again);
        }
        self.fleet.start(member, &orders)
    }

    fn take(&mut self, member: usize, heard: Heard, again: bool) -> Result<()> {
        match heard {
            Heard::Said(Report::Ready) => {}
            Heard::Said(Report::Leads) => self.leader = member,
            Heard::Said(Report::Rebuilt) => self.tally.rebuilds += 1,
            Heard::Said(Report::Acknowledged(order, answer)) => {
                self.evidence.acknowledge(order, answer);
            }
            Heard::Said(Report::Fault(fault)) => self.evidence.faults.push(fault),
            Heard::Ended => {
                self.fleet.bury(member)?;
                if again {
                    self.start(member)?;
                }
            }
        }
        Ok(())
    }

    /// Strikes at the store, once enough of the children have come so far, or else at a child.
    fn strike(&mut self) -> Result<()> {
        if self.fleet.answering() * 2 < self.crew.len() {
            return self.strike_child();
        }
        match self.target.strike(self.rng, self.tally)? {
            Struck::Nothing => self.strike_child(),
            Struck::Store => Ok(()),
            Struck::Leaving => {
                self.end()?;
                self.target.move_on(self.tally)?;
                self.start_all()
            }
        }
    }

    /// Kills a child or lets it stand still, rarely one that has not yet opened the store; every
    /// second time the one that carries the view on.
    fn strike_child(&mut self) -> Result<()> {
        let member = match self.rng.bool() {
            true => self.leader,
            false => self.rng.usize(..self.crew.len()),
        };
        let (answers, kill) = (self.fleet.answers(member), self.rng.bool());
        // One that stands still before it watches over the parent's end could outlive it.
        if answers && !kill {
            let until = Instant::now() + self.pause();
            self.tally.pauses += u64::from(self.fleet.pause(member, until)?);
        } else if answers || self.rng.u8(..8) == 0 {
            self.tally.kills += u64::from(self.fleet.kill(member)?);
        }
        Ok(())
    }

    /// Every second pause outlasts the lease and the time in which others notice, so they take over.
    fn pause(&mut self) -> Duration {
        match self.rng.bool() {
            true => self.milliseconds(5..80),
            false => self.target.shape().lease + self.milliseconds(250..500),
        }
    }

    fn milliseconds(&mut self, range: std::ops::Range<u64>) -> Duration {
        Duration::from_millis(self.rng.u64(range))
    }

    /// What the children said before they were killed counts to the last line.
    fn end(&mut self) -> Result<()> {
        self.fleet.kill_all()?;
        let until = Instant::now() + BURIAL;
        while !self.fleet.is_empty() {
            let heard = self.fleet.listen(until);
            ensure!(heard.is_some(), "a killed child still holds its pipe");
            if let Some((member, heard)) = heard {
                self.take(member, heard, false)?;
            }
        }
        Ok(())
    }
}
