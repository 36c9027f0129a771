//! ⑥ The worker behind a projection: claims the lease, catches up, then follows live.

mod added;
mod balance;
mod build;
mod handle;
mod holds;
mod letters;
mod page;
mod pause;
mod read;
mod replay;
mod share;
mod standby;
mod status;
mod swap;
mod tell;
mod work;

pub(crate) use self::holds::Holds;
pub(crate) use self::letters::Replayed;
pub(crate) use self::page::RowWork;
pub(crate) use self::read::{LogPage, checkpoint_at};
pub(crate) use self::swap::drop_unused;
pub(crate) use self::work::Work;

pub(crate) use self::handle::{Opened, Signal, WorkerHandle};

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, Notify, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use self::balance::Turns;
use self::standby::given_back;
use self::status::Status;
use super::rebuild::{Meter, Source};
use super::{AnsweredBy, FollowerKind, ProjectionFailure, ProjectionState, ProjectionStatus};
use crate::checkpoint::{Checkpoint, Claim, ClaimOutcome, ClaimRequest};
use crate::store::{LogHead, StoreError};
use crate::subscription::stopped;
use crate::view::{Answering, LetterChanges, PageWrite, ViewTable};

/// How often a standby looks at the view and at the lease.
const STANDBY_POLL: Duration = Duration::from_millis(200);

/// How often a worker that has stopped looks whether another process brought the view further.
const STOPPED_POLL: Duration = Duration::from_secs(1);

/// How long a checkpoint that moves without any change to the view may stay in memory.
const IDLE_CHECKPOINT: Duration = Duration::from_secs(1);

/// What a worker needs from the application.
pub(crate) struct Worker<W: Work> {
    pub(crate) work: W,
    pub(crate) table: Arc<dyn ViewTable>,
    pub(crate) source: Source,
    /// Somebody of this process asked for something to be done about dead letters.
    pub(crate) asked: Arc<Notify>,
    holder: Uuid,
    /// Where other nodes share the view.
    turns: Option<Turns>,
    ahead: Option<LogPage<W>>,
    /// The page before, freed while the next one is written.
    spent: Option<LogPage<W>>,
    status: Status,
    answering: watch::Sender<Answering>,
    /// Held by the worker of the view that looks what answers.
    looking: Arc<Mutex<()>>,
    rebuilt: Arc<Notify>,
    /// When unused tables were last dropped.
    dropped: Instant,
}

/// Why a worker no longer follows the log.
pub(crate) enum End {
    ShutDown,
    /// Another worker took the lease: stand by.
    Fenced,
    /// Another node shall have the lease: stand by.
    GivenBack,
    /// Newer code lets the view follow these events: stand by.
    Lacks(Vec<String>),
    Failed(Arc<ProjectionFailure>),
}

/// What came of asking for the lease.
enum Claimed {
    /// It is held; or it is, and the view must not be carried on for this reason.
    Held(Box<Progress>, Option<String>),
    /// It is held, of a view that has passed by events which it must show.
    Outgrown(Box<Progress>),
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
    /// The store may hold more keys than are known here, as at the beginning, and what is held without
    /// a letter is to be tried.
    is_stale: bool,
    meter: Meter,
}

impl<W: Work> Worker<W> {
    pub(crate) fn start(
        works: Vec<W>,
        source: &Source,
        opened: Opened,
    ) -> (WorkerHandle, Vec<JoinHandle<()>>) {
        let table = Arc::clone(&opened.table);
        let (mut workers, handle) = Self::new(works, source, opened);
        let balance = Self::share(&mut workers, table, source);
        let mut tasks: Vec<_> = workers
            .into_iter()
            .map(|worker| tokio::spawn(worker.run()))
            .collect();
        tasks.extend(balance.map(|balance| tokio::spawn(balance.run())));
        (handle, tasks)
    }

    /// A worker for each partition, with its work.
    fn new(works: Vec<W>, source: &Source, opened: Opened) -> (Vec<Self>, WorkerHandle) {
        let mut first = ProjectionStatus::new(source.schema.name);
        first.answered_by = AnsweredBy::from(&opened.answering);
        let answering = watch::Sender::new(opened.answering);
        let looking = Arc::<Mutex<()>>::default();
        let (statuses, status) = Status::of_workers(works.len(), &first, &answering);
        let (mut rebuilt, mut asked) = (Signal::default(), Signal::default());
        // One for all partitions, so that others see which of them a node holds.
        let holder = Uuid::new_v4();
        let workers = works.into_iter().zip(statuses).zip(0..);
        let workers = workers.map(|((work, status), partition)| Self {
            work,
            table: opened.table.partition(partition),
            source: source.clone(),
            asked: asked.another(),
            holder,
            turns: None,
            ahead: None,
            spent: None,
            status,
            answering: answering.clone(),
            looking: Arc::clone(&looking),
            rebuilt: rebuilt.another(),
            dropped: Instant::now(),
        });
        let workers = workers.collect();
        let handle = WorkerHandle {
            status,
            answering: answering.subscribe(),
            rebuilt,
            asked,
        };
        (workers, handle)
    }

    async fn run(mut self) {
        while let End::Failed(failure) = self.run_to_end().await {
            tracing::error!(projection = self.work.name(), error = %failure, "projection stopped");
            self.note_error(&failure.reason);
            self.forget_rebuilds().await;
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
                    End::Fenced | End::Lacks(_) => self.work.moved(progress.stored.position),
                    End::GivenBack => self.give_back(&mut progress).await,
                    end => {
                        self.give_back(&mut progress).await;
                        return end;
                    }
                },
                Err(end) => return end,
            }
        }
    }

    /// What was built anew before the worker stopped does not let it go on.
    async fn forget_rebuilds(&self) {
        let _ = tokio::time::timeout(Duration::ZERO, self.rebuilt.notified()).await;
    }

    /// Whether it came, before the end, in this process or in another one.
    async fn wait_for_rebuild(&mut self) -> bool {
        let stopped_at = self.status.borrow().position;
        loop {
            tokio::select! {
                () = self.rebuilt.notified() => return true,
                _ = self.source.stop.changed() => return false,
                () = tokio::time::sleep(STOPPED_POLL) => {}
            }
            let checkpoint = self.table.checkpoint().await;
            if checkpoint.is_ok_and(|checkpoint| checkpoint.position > stopped_at) {
                return true;
            }
        }
    }

    /// Stands by until the lease is held, and checks that the view follows this very log.
    async fn claim(&mut self) -> Result<Progress, End> {
        let mut pauses = crate::execute::retry::on_unreachable_store().pauses();
        loop {
            if stopped(&self.source.stop) {
                return Err(End::ShutDown);
            }
            if self.is_left_to_others().await {
                continue;
            }
            match self.try_claim().await {
                Ok(Claimed::Held(progress, None)) => {
                    self.look_what_answers().await;
                    let position = progress.reached.position;
                    self.status.send_modify(|status| status.position = position);
                    self.set_state(ProjectionState::CatchingUp);
                    return Ok(*progress);
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
                    self.stand_by().await;
                }
                Err(error) => {
                    self.retrying(0, &error.full_text());
                    self.pause(pauses.next().unwrap_or(STANDBY_POLL)).await;
                }
            }
        }
    }

    async fn try_claim(&self) -> Result<Claimed, StoreError> {
        let head = *self.source.head.borrow();
        let initial = self.source.options.initial(head);
        let request = ClaimRequest::new(self.holder, self.source.options.lease, &initial);
        let request = request.following(&self.source.schema.events);
        Ok(match self.table.claim(request).await? {
            ClaimOutcome::HeldBy { holder, until } => {
                Claimed::Standby(ProjectionState::Standby { holder, until })
            }
            ClaimOutcome::Held { claim, checkpoint } => {
                let fault = self.fault(head, &checkpoint).await?;
                let progress = Box::new(Progress::new(claim, checkpoint));
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
        let (what, anew) = match W::KIND {
            FollowerKind::Projecting => ("view", "build the view anew by `rebuild`"),
            FollowerKind::Handling => ("subscription", "subscribe under another name"),
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
            "{fault}; open the event store that it belongs to, or {anew}"
        )))
    }

    async fn still_in_log(&self, checkpoint: &Checkpoint) -> Result<bool, StoreError> {
        let Some(mark) = checkpoint.event else {
            return Ok(true);
        };
        Ok(self.source.events.event_at(mark.position).await? == Some(mark.id))
    }

    async fn follow(&mut self, progress: &mut Progress) -> End {
        let mut pauses = crate::execute::retry::on_unreachable_store().pauses();
        loop {
            if stopped(&self.source.stop) {
                return End::ShutDown;
            }
            if self.turns.as_ref().is_some_and(Turns::is_to_give_back) {
                return End::GivenBack;
            }
            let head = *self.source.head.borrow_and_update();
            self.status.send_if_modified(|status| {
                std::mem::replace(&mut status.head, head.position) != head.position
            });
            // A store in memory never waits, and a long catch-up would hold its thread to the end.
            tokio::task::yield_now().await;
            self.drop_unused().await;
            self.measure(progress);
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
            false => self.caught_up(progress).await,
        }
    }

    /// Waits for events; meanwhile the lease is renewed and the checkpoint stored now and then.
    async fn idle(&mut self, progress: &mut Progress) -> Result<(), Trouble> {
        self.say_whether_live();
        let renew = self.source.options.lease / 3;
        let pause = renew.min(IDLE_CHECKPOINT).min(self.attention(progress));
        tokio::select! {
            moved = self.source.head.changed() => {
                return match moved {
                    Ok(()) => Ok(()),
                    Err(_) => Err(Trouble::End(End::ShutDown)),
                };
            }
            _ = self.source.stop.changed() => return Ok(()),
            told = self.source.trouble.changed() => {
                return match told {
                    Ok(()) => Ok(()),
                    Err(_) => Err(Trouble::End(End::ShutDown)),
                };
            }
            () = given_back(self.turns.as_mut()) => return Ok(()),
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
    fn new(claim: Claim, checkpoint: Checkpoint) -> Self {
        Self {
            claim,
            meter: Meter::start(checkpoint.position),
            stored: checkpoint.clone(),
            reached: checkpoint,
            renewed: Instant::now(),
            holds: Holds::default(),
            pending: LetterChanges::default(),
            attended: None,
            is_asked: false,
            is_stale: true,
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
