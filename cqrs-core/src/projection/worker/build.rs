//! ⑦ A view that is built anew by call: the pages of a worker, then the swap.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{End, Opened, Progress, RowWork, Trouble, Worker};
use crate::checkpoint::{Claim, ClaimRequest};
use crate::projection::rebuild::{Attempt, Source};
use crate::projection::{Partition, Projection, RebuildError, RebuildProgress};
use crate::store::{LogHead, StoreError};
use crate::stream::Position;
use crate::subscription::stopped;
use crate::view::{Answering, BuildOutcome, ViewTable};

/// How soon a swap is tried again that met a table which had come further.
const BEHIND_POLL: Duration = Duration::from_millis(20);

/// How soon a partition that is built looks whether the others are.
const OTHERS_POLL: Duration = Duration::from_millis(5);

/// Gives the lease of a build back, also when the caller's future is dropped.
struct Returned {
    table: Arc<dyn ViewTable>,
    claim: Claim,
}

impl Drop for Returned {
    fn drop(&mut self) {
        let (table, claim) = (Arc::clone(&self.table), self.claim.clone());
        // Without a runtime the lease expires by itself.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move { table.release(&claim).await });
        }
    }
}

impl<P: Projection> Worker<RowWork<P>> {
    pub(in crate::projection) async fn begin_build(
        source: &Source,
    ) -> Result<BuildOutcome, StoreError> {
        let initial = source.options.initial(source.events.head().await?);
        let request = ClaimRequest::new(Uuid::new_v4(), source.options.lease, &initial);
        let request = request.following(&source.schema.events);
        source.views.build(&source.schema, request).await
    }

    /// Fills the table from the first event on and swaps it in: a worker for each partition.
    pub(in crate::projection) async fn build(
        source: &Source,
        table: Arc<dyn ViewTable>,
        claim: Claim,
        progress: &watch::Sender<RebuildProgress>,
    ) -> Result<Attempt, RebuildError> {
        let built = Arc::new(Built::new(source.schema.partitions, progress.clone()));
        let changes = RowWork::<P>::changes();
        let works: Vec<RowWork<P>> = Partition::all(source.schema.partitions)
            .map(|partition| RowWork::new(partition, changes.clone()))
            .collect();
        let opened = Opened {
            table,
            answering: Answering::Nothing,
        };
        let (workers, _handle) = Self::new(works, source, opened);
        let mut builders = JoinSet::new();
        for worker in workers {
            builders.spawn(worker.build_partition(claim.clone(), Arc::clone(&built)));
        }
        // Whatever one of them ends with, the others cannot go on without it.
        match builders.join_next().await {
            Some(Ok(ended)) => ended,
            Some(Err(error)) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Ok(Attempt::ShutDown),
            },
            None => Ok(Attempt::ShutDown),
        }
    }

    async fn build_partition(
        mut self,
        claim: Claim,
        built: Arc<Built>,
    ) -> Result<Attempt, RebuildError> {
        let _returned = Returned {
            table: Arc::clone(&self.table),
            claim: claim.clone(),
        };
        let checkpoint = self.table.checkpoint().await.map_err(store::<P>)?;
        let mut reached = Progress::new(claim, checkpoint);
        let mut pauses = crate::execute::retry::on_unreachable_store().pauses();
        loop {
            if stopped(&self.source.stop) {
                return Ok(Attempt::ShutDown);
            }
            // A store in memory never waits, and a long rebuild would hold its thread to the end.
            tokio::task::yield_now().await;
            match self.build_step(&mut reached, &built).await {
                Ok(true) => return Ok(Attempt::Swapped),
                Ok(false) => pauses = crate::execute::retry::on_unreachable_store().pauses(),
                // What is built stays, and the same step is tried again.
                Err(Trouble::Store(error)) if error.is_transient() => {
                    self.retrying(0, &error.full_text());
                    // Longer than the lease, and whoever watches would begin anew.
                    let pause = pauses.next().unwrap_or(BEHIND_POLL);
                    self.pause(pause.min(self.source.options.lease / 3)).await;
                }
                Err(trouble) => return ended::<P>(trouble),
            }
        }
    }

    /// One page, or the swap when every partition has come to where the log ended.
    async fn build_step(
        &mut self,
        progress: &mut Progress,
        built: &Built,
    ) -> Result<bool, Trouble> {
        let goal = match built.goal() {
            Some(goal) => goal,
            None => built.set_goal(None, self.source.events.head().await?),
        };
        let head = goal.position;
        self.status.send_modify(|status| status.head = head);
        if progress.reached.position < head {
            self.next_page(progress, goal).await?;
            built.tell::<P>(self.work.partition(), progress, head);
            return Ok(false);
        }
        built.tell::<P>(self.work.partition(), progress, head);
        if built.position() < head {
            self.pause_holding(progress, OTHERS_POLL).await?;
            return Ok(false);
        }
        if self.swap(progress).await? {
            return Ok(true);
        }
        // The rows that answer have come further meanwhile.
        let further = self.source.events.head().await?;
        built.set_goal(Some(goal), further);
        if further.position == head {
            self.pause_holding(progress, BEHIND_POLL).await?;
        }
        Ok(false)
    }
}

/// How far the partitions of a table are built.
struct Built {
    /// Where the log ended when they last set out.
    goal: Mutex<Option<LogHead>>,
    positions: Mutex<Vec<Position>>,
    progress: watch::Sender<RebuildProgress>,
}

impl Built {
    fn new(partitions: u32, progress: watch::Sender<RebuildProgress>) -> Self {
        let positions = Partition::all(partitions).map(|_| Position::START);
        Self {
            goal: Mutex::default(),
            positions: Mutex::new(positions.collect()),
            progress,
        }
    }

    fn goal(&self) -> Option<LogHead> {
        *lock(&self.goal)
    }

    /// Sets a goal, unless another worker has set one meanwhile; that one counts then.
    fn set_goal(&self, before: Option<LogHead>, goal: LogHead) -> LogHead {
        let mut present = lock(&self.goal);
        match *present {
            Some(other) if Some(other) != before => other,
            _ => *present.insert(goal),
        }
    }

    fn tell<P: Projection>(&self, partition: Partition, reached: &Progress, head: Position) {
        let mut positions = lock(&self.positions);
        positions[partition.index() as usize] = reached.reached.position;
        let slowest = positions.iter().min().copied().unwrap_or_default();
        self.progress
            .send_replace(reached.meter.progress(P::NAME, slowest, head));
    }

    /// How far the slowest is.
    fn position(&self) -> Position {
        lock(&self.positions)
            .iter()
            .min()
            .copied()
            .unwrap_or_default()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ended<P: Projection>(trouble: Trouble) -> Result<Attempt, RebuildError> {
    let view = P::NAME;
    match trouble {
        Trouble::End(End::Fenced | End::GivenBack) => Ok(Attempt::Overtaken),
        Trouble::End(End::ShutDown) => Ok(Attempt::ShutDown),
        Trouble::End(End::Lacks(events)) => Err(RebuildError::Outdated { view, events }),
        Trouble::End(End::Failed(failure)) => Err(RebuildError::Failed { view, failure }),
        Trouble::Store(error) => Err(store::<P>(error)),
    }
}

fn store<P: Projection>(source: StoreError) -> RebuildError {
    let view = P::NAME;
    RebuildError::Store { view, source }
}
