//! ⑥ The work of a subscription: each event to the handler, one after another.

use super::handler::Handler;
use super::stopped;
use crate::checkpoint::Checkpoint;
use crate::event::{Event, StoredEvent};
use crate::projection::dead_letter::{HoldKey, letter};
use crate::projection::worker::{
    End, LogPage, Progress, Replayed, Trouble, Work, Worker, checkpoint_at,
};
use crate::projection::{FollowerKind, OnFailure};
use crate::view::{HeldEvent, LetterChanges};

/// Events that may be held before that is stored: it bounds the memory.
const MOST_PENDING: usize = 1000;

/// The work of a subscription.
pub(crate) struct HandlerWork<E: Event> {
    name: &'static str,
    handler: Handler<E>,
}

impl<E: Event> HandlerWork<E> {
    pub(crate) fn new(name: &'static str, handler: Handler<E>) -> Self {
        Self { name, handler }
    }
}

impl<E: Event> Work for HandlerWork<E> {
    type Prepared = ();

    const KIND: FollowerKind = FollowerKind::Handling;

    fn name(&self) -> &'static str {
        self.name
    }

    fn prepare(&self, _events: &[StoredEvent]) -> Option<()> {
        None
    }

    async fn process(
        worker: &Worker<Self>,
        progress: &mut Progress,
        page: &mut LogPage<Self>,
        to: Checkpoint,
    ) -> Result<(), Trouble> {
        for event in &page.events {
            if stopped(&worker.source.stop) {
                return Err(Trouble::End(End::ShutDown));
            }
            worker.deliver(progress, event, &to).await?;
        }
        worker.reach(progress, to);
        match page.events.is_empty() {
            true => Ok(()),
            false => worker.store_checkpoint(progress).await,
        }
    }

    async fn replay(
        worker: &Worker<Self>,
        progress: &mut Progress,
        key: &str,
    ) -> Result<Replayed, Trouble> {
        let mut replayed = Replayed::default();
        loop {
            let events = worker.held_events(progress, key).await?;
            if events.is_empty() {
                return Ok(replayed);
            }
            for event in &events {
                if stopped(&worker.source.stop) {
                    return Err(Trouble::End(End::ShutDown));
                }
                if let Err(reason) = worker.hand_over(progress, event).await? {
                    worker.fail_again(progress, key, event, &reason).await?;
                    replayed.failed = Some((event.position, reason));
                    return Ok(replayed);
                }
                let released = LetterChanges {
                    released: vec![HeldEvent::new(key, event.position)],
                    ..LetterChanges::default()
                };
                worker.write_letters(progress, &released).await?;
                replayed.events += 1;
            }
        }
    }
}

impl<E: Event> Worker<HandlerWork<E>> {
    /// Hands an event of a page over, with all retries, or holds it behind its stream's dead letter.
    async fn deliver(
        &self,
        progress: &mut Progress,
        event: &StoredEvent,
        goal: &Checkpoint,
    ) -> Result<(), Trouble> {
        if progress.holds.holds_stream(&event.stream, event.position) {
            let held = HeldEvent::new(HoldKey::of_stream(&event.stream), event.position);
            progress.pending.held.push(held);
        } else {
            self.try_until_handled(progress, event, goal).await?;
        }
        self.reach(progress, after(event, goal));
        let is_due = progress.renewed.elapsed() >= self.renewal();
        match is_due || progress.pending.held.len() >= MOST_PENDING {
            true => self.store_checkpoint(progress).await,
            false => Ok(()),
        }
    }

    async fn try_until_handled(
        &self,
        progress: &mut Progress,
        event: &StoredEvent,
        goal: &Checkpoint,
    ) -> Result<(), Trouble> {
        let mut pauses = self.source.options.retry.pauses();
        let mut attempt = 0;
        loop {
            let Err(reason) = self.hand_over(progress, event).await? else {
                self.count_event();
                return Ok(());
            };
            attempt += 1;
            let Some(pause) = pauses.next() else {
                return match self.source.options.on_failure {
                    OnFailure::Stop => Err(self.blame(event, &reason)),
                    OnFailure::DeadLetter => {
                        self.note_letter(event, &reason);
                        let key = HoldKey::of_stream(&event.stream);
                        let pending = &mut progress.pending;
                        pending.letters.push(letter(&key, event, &reason, attempt));
                        pending.held.push(HeldEvent::new(key, event.position));
                        self.reach(progress, after(event, goal));
                        self.store_checkpoint(progress).await?;
                        self.count_letters().await
                    }
                };
            };
            self.retrying(attempt, &reason);
            self.pause_holding(progress, pause).await?;
            if stopped(&self.source.stop) {
                return Err(Trouble::End(End::ShutDown));
            }
        }
    }

    /// Calls the handler once. It may take longer than the lease, which is renewed meanwhile; when
    /// another worker has taken it all the same, the call ends where it awaits something.
    async fn hand_over(
        &self,
        progress: &mut Progress,
        event: &StoredEvent,
    ) -> Result<Result<(), String>, Trouble> {
        let recorded = match event.decode::<E>() {
            Ok(Some(recorded)) => recorded,
            Ok(None) => return Ok(Ok(())),
            Err(error) => return Ok(Err(error.to_string())),
        };
        let mut handled = std::pin::pin!(self.work.handler.call(recorded));
        loop {
            tokio::select! {
                handled = &mut handled => return Ok(handled),
                () = tokio::time::sleep(self.renewal()) => self.renew(progress).await?,
            }
        }
    }

    /// A database that is away for a moment is no reason to break the handler off.
    async fn renew(&self, progress: &mut Progress) -> Result<(), Trouble> {
        match self.store_checkpoint(progress).await {
            Err(Trouble::Store(error)) => {
                self.note_error(&error.full_text());
                Ok(())
            }
            renewed => renewed,
        }
    }
}

fn after(event: &StoredEvent, goal: &Checkpoint) -> Checkpoint {
    checkpoint_at(goal.log_id.unwrap_or_default(), event)
}
