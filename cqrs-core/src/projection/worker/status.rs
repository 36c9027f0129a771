//! ⑥ What the status shows: a worker's own, and that of all the workers of a divided view together.

use std::sync::Arc;

use tokio::sync::watch;

use crate::projection::{AnsweredBy, PartitionStatus, ProjectionState, ProjectionStatus};
use crate::view::Answering;

/// The status of one worker. Whatever changes in it shows in that of the whole at once.
pub(crate) struct Status {
    own: watch::Sender<ProjectionStatus>,
    /// `None` where the worker is the only one.
    whole: Option<Arc<Whole>>,
}

struct Whole {
    partitions: Vec<watch::Receiver<ProjectionStatus>>,
    answering: watch::Receiver<Answering>,
    status: watch::Sender<ProjectionStatus>,
}

impl Status {
    /// One for each of so many workers, and what shows all of them.
    pub(super) fn of_workers(
        count: usize,
        first: &ProjectionStatus,
        answering: &watch::Sender<Answering>,
    ) -> (Vec<Self>, watch::Receiver<ProjectionStatus>) {
        let own: Vec<_> = (0..count)
            .map(|_| watch::Sender::new(first.clone()))
            .collect();
        let whole = (count > 1).then(|| {
            let partitions = own.iter().map(watch::Sender::subscribe).collect::<Vec<_>>();
            let status = watch::Sender::new(together(&partitions, first.answered_by));
            Arc::new(Whole {
                partitions,
                answering: answering.subscribe(),
                status,
            })
        });
        let shown = match (&whole, own.first()) {
            (Some(whole), _) => whole.status.subscribe(),
            (None, Some(own)) => own.subscribe(),
            (None, None) => watch::channel(first.clone()).1,
        };
        let statuses = own.into_iter().map(|own| Self {
            own,
            whole: whole.clone(),
        });
        (statuses.collect(), shown)
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<ProjectionStatus> {
        self.own.subscribe()
    }

    pub(crate) fn borrow(&self) -> watch::Ref<'_, ProjectionStatus> {
        self.own.borrow()
    }

    pub(crate) fn send_modify(&self, change: impl FnOnce(&mut ProjectionStatus)) {
        self.own.send_modify(change);
        self.show(Told::Yes);
    }

    pub(crate) fn send_if_modified(
        &self,
        change: impl FnOnce(&mut ProjectionStatus) -> bool,
    ) -> bool {
        let changed = self.own.send_if_modified(change);
        self.show(match changed {
            true => Told::Yes,
            false => Told::No,
        });
        changed
    }

    /// Under the lock of what is shown, so that nobody puts an older state there afterwards.
    fn show(&self, told: Told) {
        if let Some(whole) = &self.whole {
            whole.status.send_if_modified(|status| {
                let answered_by = AnsweredBy::from(&*whole.answering.borrow());
                let was = std::mem::replace(status, together(&whole.partitions, answered_by));
                told == Told::Yes || was.answered_by != answered_by
            });
        }
    }
}

/// Whether those who watch the status are told of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Yes,
    No,
}

fn together(
    partitions: &[watch::Receiver<ProjectionStatus>],
    answered_by: AnsweredBy,
) -> ProjectionStatus {
    let all = partitions.iter().map(|status| status.borrow().clone());
    let all: Vec<ProjectionStatus> = all.collect();
    let mut whole = all[0].clone();
    let worst = all.iter().max_by_key(|status| gravity(&status.state));
    whole.state = worst.map_or(ProjectionState::Starting, |worst| worst.state.clone());
    whole.answered_by = answered_by;
    let rebuilds = all.iter().filter_map(|status| status.rebuild.as_ref());
    let slowest = rebuilds.min_by_key(|rebuild| rebuild.done);
    whole.rebuild = slowest.filter(|_| answered_by != AnsweredBy::View).cloned();
    let positions = all.iter().map(|status| status.position);
    whole.position = positions.min().unwrap_or_default();
    let heads = all.iter().map(|status| status.head);
    whole.head = heads.max().unwrap_or_default();
    // Each reads every event, for its own rows.
    whole.events = all.iter().map(|status| status.events).max().unwrap_or(0);
    whole.skipped = all.iter().map(|status| status.skipped).sum();
    whole.dead_letters = all.iter().map(|status| status.dead_letters).sum();
    let worst_error = worst.and_then(|worst| worst.last_error.clone());
    whole.last_error = worst_error.or_else(|| {
        let mut errors = all.iter().filter_map(|status| status.last_error.clone());
        errors.next()
    });
    whole.partitions = all.into_iter().map(PartitionStatus::from).collect();
    whole
}

/// What of several is to be told: the worst trouble, else what is furthest from live.
fn gravity(state: &ProjectionState) -> u8 {
    match state {
        // Others may be fed by this node all the same.
        ProjectionState::Standby { .. } => 0,
        ProjectionState::Live => 1,
        ProjectionState::CatchingUp => 2,
        ProjectionState::Starting => 3,
        ProjectionState::Outdated { .. } => 4,
        ProjectionState::Retrying { .. } => 5,
        ProjectionState::ShutDown => 6,
        ProjectionState::Stopped(_) => 7,
    }
}
