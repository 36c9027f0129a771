//! ⑥ What a node does to share a divided view with others: it looks at the leases now and then, and tells
//! its workers which to take and which to give back.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

use super::STANDBY_POLL;
use super::share::{Sharing, Turn};
use crate::checkpoint::{Checkpoint, ClaimRequest};
use crate::projection::rebuild::Source;
use crate::projection::{ProjectionState, ProjectionStatus};
use crate::store::StoreError;
use crate::subscription::stopped;
use crate::view::{Lease, Leases, ViewTable};

/// How often a node looks at the leases that has all of them to itself.
const ALONE_POLL: Duration = Duration::from_secs(1);

/// A node that shares a view.
pub(super) struct Balance {
    node: Uuid,
    table: Arc<dyn ViewTable>,
    source: Source,
    workers: Vec<watch::Receiver<ProjectionStatus>>,
    sharing: Sharing,
    share: watch::Sender<Share>,
    /// When it last said that it stands by.
    stood_by: Option<Instant>,
    /// When it last saw the leases.
    looked: Option<Instant>,
}

/// What the workers of a node are told.
#[derive(Debug, Clone, Default)]
struct Share {
    turns: Vec<Turn>,
    leases: Leases,
}

/// A worker's end of it.
#[derive(Debug, Clone)]
pub(super) struct Turns {
    node: Uuid,
    partition: usize,
    share: watch::Receiver<Share>,
}

impl Balance {
    pub(super) fn new(
        node: Uuid,
        table: Arc<dyn ViewTable>,
        source: Source,
        workers: Vec<watch::Receiver<ProjectionStatus>>,
    ) -> Self {
        let turns = vec![Turn::Wait; workers.len()];
        let leases = Leases::default();
        Self {
            node,
            table,
            sharing: Sharing::new(node, source.options.lease, workers.len()),
            source,
            workers,
            share: watch::Sender::new(Share { turns, leases }),
            stood_by: None,
            looked: None,
        }
    }

    pub(super) fn turns(&self, partition: usize) -> Turns {
        Turns {
            node: self.node,
            partition,
            share: self.share.subscribe(),
        }
    }

    pub(super) async fn run(mut self) {
        let mut stop = self.source.stop.clone();
        while !stopped(&stop) {
            let pause = match self.look().await {
                Ok(pause) => pause,
                Err(error) => {
                    self.lost(&error);
                    STANDBY_POLL
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stop.changed() => {}
            }
        }
        self.leave().await;
    }

    /// Looks at the leases and tells the workers; how long until the next look.
    async fn look(&mut self) -> Result<Duration, StoreError> {
        let able: Vec<bool> = self.workers.iter().map(is_able).collect();
        if !able.contains(&true) {
            self.leave().await;
            // Whether this code may feed the view again is the store's to say.
            self.tell(self.each_for_itself(), Leases::default());
            return Ok(STANDBY_POLL);
        }
        let leases = self.counted().await?;
        self.looked = Some(Instant::now());
        let turns = match self.is_counted(&leases) {
            true => self.sharing.turns(&leases, &able, Instant::now()),
            false => self.each_for_itself(),
        };
        let alone = |lease: &Option<Lease>| lease.is_some_and(|lease| lease.holder == self.node);
        let is_alone = leases.partitions.iter().all(alone)
            && leases.standing_by.iter().all(|node| *node == self.node);
        self.tell(turns, leases);
        let lease = self.source.options.lease;
        Ok(match is_alone {
            true => ALONE_POLL.min(lease / 4),
            false => STANDBY_POLL.min(lease / 10),
        })
    }

    /// The leases, after the others can know of this node.
    async fn counted(&mut self) -> Result<Leases, StoreError> {
        let nodes = self.table.nodes();
        let leases = nodes.leases().await?;
        let renewal = self.source.options.lease / 3;
        let is_due = self.stood_by.is_none_or(|then| then.elapsed() >= renewal);
        if self.holds_one(&leases) || !is_due && self.is_counted(&leases) {
            return Ok(leases);
        }
        let initial = Checkpoint::default();
        let request = ClaimRequest::new(self.node, self.source.options.lease, &initial);
        let request = request.following(&self.source.schema.events);
        nodes.stand_by(request).await?;
        self.stood_by = Some(Instant::now());
        nodes.leases().await
    }

    /// Not where it lacks an event that the view must see, nor where the table was dropped meanwhile.
    fn is_counted(&self, leases: &Leases) -> bool {
        let is_whole = leases.partitions.len() == self.workers.len();
        is_whole && (self.holds_one(leases) || leases.standing_by.contains(&self.node))
    }

    fn holds_one(&self, leases: &Leases) -> bool {
        let mut held = leases.partitions.iter().flatten();
        held.any(|lease| lease.holder == self.node)
    }

    /// Every worker asks for the lease, and learns from the answer what there is to know.
    fn each_for_itself(&self) -> Vec<Turn> {
        vec![Turn::Feed; self.workers.len()]
    }

    fn tell(&self, turns: Vec<Turn>, leases: Leases) {
        self.share.send_if_modified(|share| {
            let changed = share.turns != turns;
            *share = Share { turns, leases };
            changed
        });
    }

    /// The workers meet the same trouble and tell of it, unless it is soon over.
    fn lost(&self, error: &StoreError) {
        let (view, error) = (self.source.schema.name, error.full_text());
        tracing::debug!(view, error, "the leases cannot be seen");
        let lease = self.source.options.lease;
        if self.looked.is_none_or(|then| then.elapsed() >= lease) {
            self.tell(self.each_for_itself(), Leases::default());
        }
    }

    /// The others need not wait until its word runs out.
    async fn leave(&mut self) {
        let lease = self.source.options.lease;
        if self
            .stood_by
            .take()
            .is_none_or(|then| then.elapsed() >= lease)
        {
            return;
        }
        if let Err(error) = self.table.nodes().leave(self.node).await {
            let (view, error) = (self.source.schema.name, error.full_text());
            tracing::debug!(view, error, "still said to stand by");
        }
    }
}

/// Whether the worker would feed its partition.
fn is_able(worker: &watch::Receiver<ProjectionStatus>) -> bool {
    !matches!(
        worker.borrow().state,
        ProjectionState::Stopped(_) | ProjectionState::Outdated { .. } | ProjectionState::ShutDown
    )
}

impl Turns {
    /// Whether the partition is another node's to feed; by whom it is fed, where anybody does.
    pub(super) fn wait(&self) -> Option<Option<Lease>> {
        let is_left = self.share.has_changed().is_err();
        let share = self.share.borrow();
        if is_left || share.turns[self.partition] == Turn::Feed {
            return None;
        }
        let lease = share
            .leases
            .partitions
            .get(self.partition)
            .copied()
            .flatten();
        Some(lease.filter(|lease| lease.holder != self.node))
    }

    pub(super) fn is_to_give_back(&self) -> bool {
        self.share.borrow().turns[self.partition] == Turn::GiveBack
    }

    /// Any worker of the node is told something else.
    pub(super) async fn changed(&mut self) {
        if self.share.changed().await.is_err() {
            std::future::pending().await
        }
    }

    /// Another node shall have the lease.
    pub(super) async fn given_back(&mut self) {
        while !self.is_to_give_back() {
            self.changed().await;
        }
    }
}
