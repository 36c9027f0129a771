//! ⑦ The worker of one projection: claims the lease, catches up, then follows live.

mod added;
mod build;
mod handle;
mod page;
mod read;
mod swap;

pub(crate) use self::handle::{Opened, WorkerHandle};

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, broadcast, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::rebuild::{Meter, Source};
use super::{
    AnsweredBy, Projection, ProjectionFailure, ProjectionOptions, ProjectionState, ProjectionStatus,
};
use crate::checkpoint::{Checkpoint, Claim, ClaimOutcome, ClaimRequest};
use crate::query::{Changed, ViewChange};
use crate::store::{EventStore, LogHead, StoreError};
use crate::stream::Position;
use crate::subscription::stopped;
use crate::view::{Answering, ViewTable};

/// How often a standby looks at the view and at the lease.
const STANDBY_POLL: Duration = Duration::from_millis(200);

/// How long a checkpoint that moves without any change to the view may stay in memory.
const IDLE_CHECKPOINT: Duration = Duration::from_secs(1);

/// Changes that a slow listener may fall behind before it is told that it missed some.
const CHANGES_KEPT: usize = 256;

/// What a worker needs from the application.
pub(crate) struct Worker<P: Projection> {
    pub(crate) table: Arc<dyn ViewTable>,
    pub(crate) store: Arc<dyn EventStore>,
    pub(crate) head: watch::Receiver<LogHead>,
    pub(crate) stop: watch::Receiver<bool>,
    pub(crate) options: ProjectionOptions,
    source: Source,
    holder: Uuid,
    names: Vec<&'static str>,
    ahead: Option<read::LogPage<P>>,
    /// The page before, freed while the next one is written.
    spent: Option<read::LogPage<P>>,
    status: watch::Sender<ProjectionStatus>,
    changes: broadcast::Sender<ViewChange<P::Key>>,
    answering: watch::Sender<Answering>,
    rebuilt: Arc<Notify>,
    /// When unused tables were last dropped.
    dropped: Instant,
}

/// Why a worker no longer follows the log.
enum End {
    ShutDown,
    /// Another worker took the lease: stand by.
    Fenced,
    /// Newer code lets the view follow these events: stand by.
    Lacks(Vec<String>),
    Failed(Arc<ProjectionFailure>),
}

/// What came of asking for the lease.
enum Claimed {
    /// It is held; or it is, and the view must not be carried on for this reason.
    Held(Progress, Option<String>),
    /// It is held, of a view that has passed by events which it must show.
    Outgrown(Progress),
    Standby(ProjectionState),
}

/// The view as the worker that holds the lease knows it.
struct Progress {
    claim: Claim,
    /// What is stored.
    stored: Checkpoint,
    /// What is reached: beyond what is stored only by events that do not concern the view.
    reached: Checkpoint,
    /// When the lease was last renewed, which every write to the view does.
    renewed: Instant,
    meter: Meter,
}

impl<P: Projection> Worker<P> {
    pub(crate) fn start(source: &Source, opened: Opened) -> (WorkerHandle<P::Key>, JoinHandle<()>) {
        let (worker, handle) = Self::new(source, opened);
        (handle, tokio::spawn(worker.run()))
    }

    fn new(source: &Source, opened: Opened) -> (Self, WorkerHandle<P::Key>) {
        let mut status = ProjectionStatus::new(P::NAME);
        status.answered_by = AnsweredBy::from(&opened.answering);
        let (status, watched) = watch::channel(status);
        let (changes, _) = broadcast::channel(CHANGES_KEPT);
        let (answering, answers) = watch::channel(opened.answering);
        let rebuilt = Arc::new(Notify::new());
        let handle = WorkerHandle {
            status: watched,
            changes: changes.clone(),
            answering: answers,
            rebuilt: Arc::clone(&rebuilt),
        };
        let names = P::EVENTS.iter().copied().flatten();
        let worker = Self {
            table: opened.table,
            store: Arc::clone(&source.events),
            head: source.head.clone(),
            stop: source.stop.clone(),
            options: source.options.clone(),
            source: source.clone(),
            holder: Uuid::new_v4(),
            names: names.map(|event| event.name).collect(),
            ahead: None,
            spent: None,
            status,
            changes,
            answering,
            rebuilt,
            dropped: Instant::now(),
        };
        (worker, handle)
    }

    async fn run(mut self) {
        while let End::Failed(failure) = self.run_to_end().await {
            tracing::error!(projection = P::NAME, error = %failure, "projection stopped");
            self.note_error(&failure.reason);
            self.set_state(ProjectionState::Stopped(failure));
            if !self.wait_for_rebuild().await {
                return;
            }
            self.set_state(ProjectionState::Starting);
        }
        self.set_state(ProjectionState::ShutDown);
    }

    async fn run_to_end(&mut self) -> End {
        loop {
            match self.claim().await {
                Ok(mut progress) => match self.follow(&mut progress).await {
                    // The rows may be others now.
                    End::Fenced | End::Lacks(_) => {
                        self.tell(progress.stored.position, Changed::Unknown)
                    }
                    end => {
                        self.give_back(&mut progress).await;
                        return end;
                    }
                },
                Err(end) => return end,
            }
        }
    }

    /// Whether it came, before the end.
    async fn wait_for_rebuild(&mut self) -> bool {
        tokio::select! {
            () = self.rebuilt.notified() => true,
            _ = self.stop.changed() => false,
        }
    }

    /// Stands by until the lease is held, and checks that the view follows this very log.
    async fn claim(&mut self) -> Result<Progress, End> {
        let mut pauses = crate::execute::retry::on_unreachable_store().pauses();
        loop {
            if stopped(&self.stop) {
                return Err(End::ShutDown);
            }
            match self.try_claim().await {
                Ok(Claimed::Held(progress, None)) => {
                    self.watch_answering().await;
                    let position = progress.reached.position;
                    self.status.send_modify(|status| status.position = position);
                    self.set_state(ProjectionState::CatchingUp);
                    return Ok(progress);
                }
                Ok(Claimed::Held(mut progress, Some(reason))) => {
                    self.give_back(&mut progress).await;
                    return Err(End::Failed(self.failure(reason)));
                }
                Ok(Claimed::Outgrown(mut progress)) => {
                    self.give_back(&mut progress).await;
                    self.rebuild().await?;
                }
                Ok(Claimed::Standby(state)) => {
                    if let ProjectionState::Outdated { events } = &state {
                        self.outdated(events);
                    }
                    self.set_state(state);
                    pauses = crate::execute::retry::on_unreachable_store().pauses();
                    self.watch_other_worker().await;
                    self.pause(STANDBY_POLL).await;
                }
                Err(error) => {
                    self.retrying(0, &error.full_text());
                    self.pause(pauses.next().unwrap_or(STANDBY_POLL)).await;
                }
            }
        }
    }

    async fn try_claim(&self) -> Result<Claimed, StoreError> {
        let head = *self.head.borrow();
        let initial = self.options.initial(head);
        let request = ClaimRequest::new(self.holder, self.options.lease, &initial);
        let request = request.following(&self.names);
        Ok(match self.table.claim(request).await? {
            ClaimOutcome::HeldBy { holder, until } => {
                Claimed::Standby(ProjectionState::Standby { holder, until })
            }
            ClaimOutcome::Held { claim, checkpoint } => {
                let fault = self.fault(head, &checkpoint).await?;
                let progress = Progress::new(claim, checkpoint);
                if fault.is_none() && self.has_passed_by(&progress).await? {
                    return Ok(Claimed::Outgrown(progress));
                }
                Claimed::Held(progress, fault)
            }
            ClaimOutcome::Lacks { events } => {
                Claimed::Standby(ProjectionState::Outdated { events })
            }
        })
    }

    /// A view that has followed another log, or one that was rewound since, is not carried on.
    async fn fault(
        &self,
        head: LogHead,
        checkpoint: &Checkpoint,
    ) -> Result<Option<String>, StoreError> {
        let fault = if checkpoint.log_id.is_some_and(|id| id != head.log_id) {
            "the view follows another log than this one"
        } else if !self.still_in_log(checkpoint).await? {
            "the log was set back behind the view: the last event that it followed is no longer there"
        } else {
            return Ok(None);
        };
        let remedy = "open the event store that it belongs to, or build the view anew by `rebuild`";
        Ok(Some(format!("{fault}; {remedy}")))
    }

    async fn still_in_log(&self, checkpoint: &Checkpoint) -> Result<bool, StoreError> {
        let Some(mark) = checkpoint.event else {
            return Ok(true);
        };
        Ok(self.store.event_at(mark.position).await? == Some(mark.id))
    }

    async fn follow(&mut self, progress: &mut Progress) -> End {
        let mut pauses = crate::execute::retry::on_unreachable_store().pauses();
        loop {
            if stopped(&self.stop) {
                return End::ShutDown;
            }
            let head = *self.head.borrow_and_update();
            self.status.send_if_modified(|status| {
                std::mem::replace(&mut status.head, head.position) != head.position
            });
            // A store in memory never waits, and a long catch-up would hold its thread to the end.
            tokio::task::yield_now().await;
            self.drop_unused().await;
            self.measure(progress);
            let step = if progress.reached.position < head.position {
                self.next_page(progress, head).await
            } else {
                self.caught_up(progress).await
            };
            match step {
                Ok(()) => pauses = crate::execute::retry::on_unreachable_store().pauses(),
                Err(Trouble::End(end)) => return end,
                Err(Trouble::Store(error)) => {
                    self.retrying(0, &error.full_text());
                    self.pause(pauses.next().unwrap_or(IDLE_CHECKPOINT)).await;
                }
            }
        }
    }

    /// Waits for events; meanwhile the lease is renewed and the checkpoint stored now and then.
    async fn idle(&mut self, progress: &mut Progress) -> Result<(), Trouble> {
        self.set_state(ProjectionState::Live);
        let renew = self.options.lease / 3;
        tokio::select! {
            moved = self.head.changed() => {
                return match moved {
                    Ok(()) => Ok(()),
                    Err(_) => Err(Trouble::End(End::ShutDown)),
                };
            }
            _ = self.stop.changed() => return Ok(()),
            () = tokio::time::sleep(renew.min(IDLE_CHECKPOINT)) => {}
        }
        if progress.stored == progress.reached && progress.renewed.elapsed() < renew {
            return Ok(());
        }
        self.store_checkpoint(progress).await
    }

    /// Says how far the worker that holds the lease has come.
    async fn watch_other_worker(&mut self) {
        self.watch_answering().await;
        let Ok(checkpoint) = self.table.checkpoint().await else {
            return;
        };
        let head = self.head.borrow().position;
        let moved = self.status.send_if_modified(|status| {
            let moved = status.position != checkpoint.position || status.head != head;
            status.position = checkpoint.position;
            status.head = head;
            moved
        });
        if moved {
            self.tell(checkpoint.position, Changed::Unknown);
        }
    }

    async fn give_back(&mut self, progress: &mut Progress) {
        if progress.stored != progress.reached {
            // It only spares the next start some reading; nothing is lost without it.
            let _ = self.store_checkpoint(progress).await;
        }
        if let Err(error) = self.table.release(&progress.claim).await {
            tracing::warn!(
                projection = P::NAME,
                error = error.full_text(),
                "lease not returned"
            );
        }
    }

    fn tell(&self, position: Position, keys: Changed<P::Key>) {
        // Nobody may be listening.
        let _ = self.changes.send(ViewChange { position, keys });
    }

    async fn pause(&self, pause: Duration) {
        let mut stop = self.stop.clone();
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }

    fn set_state(&self, state: ProjectionState) {
        self.status.send_if_modified(|status| {
            let same = std::mem::discriminant(&status.state) == std::mem::discriminant(&state);
            let quiet = same && !matches!(state, ProjectionState::Retrying { .. });
            status.state = state;
            !quiet
        });
    }

    fn retrying(&self, attempt: usize, error: &str) {
        tracing::warn!(projection = P::NAME, attempt, error, "projection retries");
        self.note_error(error);
        let error = error.into();
        self.set_state(ProjectionState::Retrying { attempt, error });
    }

    fn note_error(&self, error: &str) {
        self.status
            .send_modify(|status| status.last_error = Some(error.into()));
    }

    fn failure(&self, reason: String) -> Arc<ProjectionFailure> {
        Arc::new(ProjectionFailure {
            projection: P::NAME,
            event: None,
            reason,
        })
    }
}

impl Progress {
    fn new(claim: Claim, checkpoint: Checkpoint) -> Self {
        Self {
            claim,
            meter: Meter::start(checkpoint.position),
            stored: checkpoint.clone(),
            reached: checkpoint,
            renewed: Instant::now(),
        }
    }
}

/// What keeps a worker from going on.
enum Trouble {
    End(End),
    /// The database failed; the same step is tried again.
    Store(StoreError),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Trouble::Store(error)
    }
}
