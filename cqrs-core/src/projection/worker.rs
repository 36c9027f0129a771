//! ⑥ The worker behind a projection: claims the lease, catches up, then follows live.

mod holds;
mod letters;
mod page;
mod pause;
mod read;
mod replay;
mod tell;
mod work;

pub(crate) use self::holds::Holds;
pub(crate) use self::letters::Replayed;
pub(crate) use self::page::RowWork;
pub(crate) use self::read::{LogPage, checkpoint_at};
pub(crate) use self::work::Work;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::{
    FollowerKind, ProjectionFailure, ProjectionOptions, ProjectionState, ProjectionStatus,
    StartFrom,
};
use crate::checkpoint::{Checkpoint, Claim, ClaimOutcome, ClaimRequest};
use crate::store::{EventStore, LogHead, StoreError};
use crate::stream::Position;
use crate::subscription::stopped;
use crate::view::{LetterChanges, PageWrite, ViewTable};

/// How often a standby looks at the view and at the lease.
const STANDBY_POLL: Duration = Duration::from_millis(200);

/// How long a checkpoint that moves without any change to the view may stay in memory.
const IDLE_CHECKPOINT: Duration = Duration::from_secs(1);

/// The application's end of a worker.
#[derive(Debug)]
pub(crate) struct WorkerHandle {
    pub(crate) status: watch::Receiver<ProjectionStatus>,
    /// Tells the worker to look for requests.
    pub(crate) asked: Arc<Notify>,
}

/// What a worker needs from the application.
pub(crate) struct Worker<W: Work> {
    pub(crate) work: W,
    pub(crate) table: Arc<dyn ViewTable>,
    pub(crate) store: Arc<dyn EventStore>,
    pub(crate) head: watch::Receiver<LogHead>,
    pub(crate) stop: watch::Receiver<bool>,
    pub(crate) options: ProjectionOptions,
    /// Somebody of this process asked for something to be done about dead letters.
    pub(crate) asked: Arc<Notify>,
    holder: Uuid,
    ahead: Option<LogPage<W>>,
    /// The page before, freed while the next one is written.
    spent: Option<LogPage<W>>,
    status: watch::Sender<ProjectionStatus>,
}

/// Why a worker no longer follows the log.
pub(crate) enum End {
    ShutDown,
    /// Another worker took the lease: stand by.
    Fenced,
    Failed(Arc<ProjectionFailure>),
}

/// What came of asking for the lease.
enum Claimed {
    /// It is held; or it is, and the view must not be carried on for this reason.
    Held(Box<Progress>, Option<String>),
    Standby(ProjectionState),
}

/// The view as the worker that holds the lease knows it.
pub(crate) struct Progress {
    pub(crate) claim: Claim,
    /// What is stored.
    pub(crate) stored: Checkpoint,
    /// What is reached: beyond what is stored only by events that do not concern the view.
    pub(crate) reached: Checkpoint,
    /// When the lease was last renewed, which every write to the view does.
    pub(crate) renewed: Instant,
    pub(crate) holds: Holds,
    /// What changes among the dead letters when the checkpoint is stored the next time.
    pub(crate) pending: LetterChanges,
    /// When the dead letters were last looked after, under this claim.
    attended: Option<tokio::time::Instant>,
    /// They shall be looked after at once.
    is_asked: bool,
    /// The store may hold more keys than are known here.
    is_stale: bool,
}

impl<W: Work> Worker<W> {
    pub(crate) fn start(
        work: W,
        table: Arc<dyn ViewTable>,
        store: Arc<dyn EventStore>,
        head: watch::Receiver<LogHead>,
        stop: watch::Receiver<bool>,
        options: ProjectionOptions,
    ) -> (WorkerHandle, JoinHandle<()>) {
        let asked = Arc::<Notify>::default();
        let (status, watched) = watch::channel(ProjectionStatus::new(work.name()));
        let worker = Self {
            work,
            table,
            store,
            head,
            stop,
            options,
            asked: Arc::clone(&asked),
            holder: Uuid::new_v4(),
            ahead: None,
            spent: None,
            status,
        };
        let handle = WorkerHandle {
            status: watched,
            asked,
        };
        (handle, tokio::spawn(worker.run()))
    }

    async fn run(mut self) {
        let end = loop {
            match self.claim().await {
                Ok(mut progress) => match self.follow(&mut progress).await {
                    End::Fenced => continue,
                    end => {
                        self.give_back(&mut progress).await;
                        break end;
                    }
                },
                Err(end) => break end,
            }
        };
        let state = match end {
            End::Failed(failure) => {
                tracing::error!(projection = self.work.name(), error = %failure, "projection stopped");
                self.note_error(&failure.reason);
                ProjectionState::Stopped(failure)
            }
            End::ShutDown | End::Fenced => ProjectionState::ShutDown,
        };
        self.set_state(state);
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
                    let position = progress.reached.position;
                    self.status.send_modify(|status| status.position = position);
                    self.set_state(ProjectionState::CatchingUp);
                    return Ok(*progress);
                }
                Ok(Claimed::Held(mut progress, Some(reason))) => {
                    self.give_back(&mut progress).await;
                    return Err(End::Failed(self.failure(reason)));
                }
                Ok(Claimed::Standby(state)) => {
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
        let initial = match self.options.start_from {
            StartFrom::Beginning => Checkpoint::new(head.log_id, Position::START, None),
            StartFrom::Now => Checkpoint::new(head.log_id, head.position, head.event),
            StartFrom::Position(position) => Checkpoint::new(head.log_id, position, None),
        };
        let request = ClaimRequest::new(self.holder, self.options.lease, &initial);
        Ok(match self.table.claim(request).await? {
            ClaimOutcome::HeldBy { holder, until } => {
                Claimed::Standby(ProjectionState::Standby { holder, until })
            }
            ClaimOutcome::Held { claim, checkpoint } => {
                let fault = self.fault(head, &checkpoint).await?;
                let holds = Holds::load(self.table.letters().holds().await?);
                Claimed::Held(Box::new(Progress::new(claim, checkpoint, holds)), fault)
            }
        })
    }

    /// A view that has followed another log, or one that was rewound since, is not carried on.
    async fn fault(
        &self,
        head: LogHead,
        checkpoint: &Checkpoint,
    ) -> Result<Option<String>, StoreError> {
        let what = match W::KIND {
            FollowerKind::Projecting => "view",
            FollowerKind::Handling => "subscription",
        };
        let fault = if checkpoint.log_id.is_some_and(|id| id != head.log_id) {
            format!("the {what} follows another log than this one")
        } else if !self.still_in_log(checkpoint).await? {
            format!(
                "the log was set back behind the {what}: the last event that it followed is no longer there"
            )
        } else {
            return Ok(None);
        };
        Ok(Some(format!(
            "{fault}; open the event store that it belongs to, or remove the {what} so that it is made anew"
        )))
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
            let before = progress.stored.position;
            let step = self.step(progress, head).await;
            if progress.stored.position > before {
                // It came further before it failed, so the database is not away all the time.
                pauses = crate::execute::retry::on_unreachable_store().pauses();
            }
            match step {
                Ok(()) => pauses = crate::execute::retry::on_unreachable_store().pauses(),
                Err(Trouble::End(end)) => return end,
                Err(Trouble::Store(error)) => {
                    // What was asked for may have been written all the same.
                    progress.is_stale = true;
                    self.retrying(0, &error.full_text());
                    self.pause(pauses.next().unwrap_or(IDLE_CHECKPOINT)).await;
                }
            }
        }
    }

    async fn step(&mut self, progress: &mut Progress, head: LogHead) -> Result<(), Trouble> {
        self.attend(progress).await?;
        match progress.reached.position < head.position {
            true => self.next_page(progress, head).await,
            false => self.idle(progress).await,
        }
    }

    /// Waits for events; meanwhile the lease is renewed and the checkpoint stored now and then.
    async fn idle(&mut self, progress: &mut Progress) -> Result<(), Trouble> {
        self.set_state(ProjectionState::Live);
        let renew = self.options.lease / 3;
        let pause = renew.min(IDLE_CHECKPOINT).min(self.attention(progress));
        tokio::select! {
            moved = self.head.changed() => {
                return match moved {
                    Ok(()) => Ok(()),
                    Err(_) => Err(Trouble::End(End::ShutDown)),
                };
            }
            _ = self.stop.changed() => return Ok(()),
            () = self.asked.notified() => {
                progress.is_asked = true;
                return Ok(());
            }
            () = tokio::time::sleep(pause) => {}
        }
        if progress.stored == progress.reached && progress.renewed.elapsed() < renew {
            return Ok(());
        }
        self.store_checkpoint(progress).await
    }

    /// Says how far the worker that holds the lease has come.
    async fn watch_other_worker(&mut self) {
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
            self.work.moved(checkpoint.position);
        }
        // Shown as it was until the store answers again.
        let _ = self.count_letters().await;
    }

    /// Moves the stored checkpoint to what is reached, which also renews the lease.
    pub(crate) async fn store_checkpoint(&self, progress: &mut Progress) -> Result<(), Trouble> {
        let from = progress.stored.position;
        let mut page = PageWrite::checkpoint(&progress.claim, from, &progress.reached);
        page.letters = Some(&progress.pending).filter(|pending| !pending.is_empty());
        let written = self.table.write_page(page).await;
        written.map_err(|error| self.write_trouble(error))?;
        for event in std::mem::take(&mut progress.pending).held {
            progress.holds.add(&event);
        }
        progress.stored = progress.reached.clone();
        progress.renewed = Instant::now();
        Ok(())
    }

    pub(crate) fn reach(&self, progress: &mut Progress, to: Checkpoint) {
        self.status
            .send_modify(|status| status.position = to.position);
        progress.reached = to;
    }

    async fn give_back(&mut self, progress: &mut Progress) {
        if progress.stored != progress.reached {
            // It only spares the next start some reading; nothing is lost without it.
            let _ = self.store_checkpoint(progress).await;
        }
        if let Err(error) = self.table.release(&progress.claim).await {
            tracing::warn!(
                projection = self.work.name(),
                error = error.full_text(),
                "lease not returned"
            );
        }
    }
}

impl Progress {
    fn new(claim: Claim, checkpoint: Checkpoint, holds: Holds) -> Self {
        Self {
            claim,
            stored: checkpoint.clone(),
            reached: checkpoint,
            renewed: Instant::now(),
            holds,
            pending: LetterChanges::default(),
            attended: None,
            is_asked: false,
            is_stale: false,
        }
    }
}

/// What keeps a worker from going on.
pub(crate) enum Trouble {
    End(End),
    /// The database failed; the same step is tried again.
    Store(StoreError),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Trouble::Store(error)
    }
}
