//! ⑥ Workers that stand by, since another node feeds their partition.

use std::sync::Arc;

use super::balance::{Balance, Turns};
use super::{STANDBY_POLL, Work, Worker};
use crate::projection::ProjectionState;
use crate::projection::rebuild::Source;
use crate::view::{Answering, Lease, ViewTable};

impl<W: Work> Worker<W> {
    /// Shares a divided view with other nodes.
    pub(super) fn share(
        workers: &mut [Self],
        table: Arc<dyn ViewTable>,
        source: &Source,
    ) -> Option<Balance> {
        let (first, others) = workers.split_first()?;
        if others.is_empty() {
            return None;
        }
        let node = first.holder;
        let statuses = workers.iter().map(|worker| worker.status.subscribe());
        let balance = Balance::new(node, table, source.clone(), statuses.collect());
        for (partition, worker) in workers.iter_mut().enumerate() {
            worker.turns = Some(balance.turns(partition));
        }
        Some(balance)
    }

    /// Whether the partition is another node's to feed for now; then it is watched for a moment.
    pub(super) async fn is_left_to_others(&mut self) -> bool {
        let Some(fed_by) = self.turns.as_ref().and_then(Turns::wait) else {
            return false;
        };
        match fed_by {
            Some(Lease { holder, until }) => {
                self.set_state(ProjectionState::Standby { holder, until });
            }
            None if self.status.borrow().state.is_feeding() => {
                self.set_state(ProjectionState::Starting);
            }
            None => {}
        }
        self.watch_other_worker().await;
        self.stand_by().await;
        true
    }

    /// Until the next look, or until it is this worker's turn.
    pub(super) async fn stand_by(&mut self) {
        let mut turns = self.turns.clone();
        let told = async {
            match &mut turns {
                Some(turns) => turns.changed().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.pause(STANDBY_POLL) => {}
            () = told => {}
        }
        self.turns = turns;
    }

    /// Says how far the worker that holds the lease has come.
    pub(super) async fn watch_other_worker(&mut self) {
        let Ok(checkpoint) = self.table.checkpoint().await else {
            return;
        };
        let is_back = checkpoint.position < self.status.borrow().position;
        if is_back || !matches!(*self.answering.borrow(), Answering::Itself) {
            self.look_what_answers().await;
        }
        let head = self.source.head.borrow().position;
        let moved = self.status.send_if_modified(|status| {
            let moved = status.position != checkpoint.position || status.head != head;
            status.position = checkpoint.position;
            status.head = head;
            moved
        });
        if moved {
            self.work.moved(checkpoint.position);
        }
        // Shown as it was until the store answers again.
        let _ = self.count_letters().await;
    }
}

/// This node's share has become smaller.
pub(super) async fn given_back(turns: Option<&mut Turns>) {
    match turns {
        Some(turns) => turns.given_back().await,
        None => std::future::pending().await,
    }
}
