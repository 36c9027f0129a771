//! ⑦ Dead letters: what was asked about them is carried out, and what nothing keeps is replayed.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::{End, Holds, Progress, Trouble, Work, Worker};
use crate::checkpoint::Checkpoint;
use crate::event::StoredEvent;
use crate::projection::OnFailure;
use crate::projection::dead_letter::{HoldKey, event_at, letter};
use crate::stream::Position;
use crate::subscription::stopped;
use crate::view::{
    HeldEvent, Hold, LetterChanges, LetterOrder, LetterOutcome, LetterQuery, PageWrite,
    WritePageError,
};

/// How often a worker looks for requests of other processes while there are letters …
const WITH_LETTERS: Duration = Duration::from_millis(200);
/// … and while there are none: one that was resolved may still be asked about.
const WITHOUT_LETTERS: Duration = Duration::from_secs(1);

/// How far the replay of a key came.
#[derive(Debug, Default)]
pub(crate) struct Replayed {
    /// How many events are held no longer.
    pub(crate) events: u64,
    /// Where it ended and why, unless it came to its end.
    pub(crate) failed: Option<(Position, String)>,
    /// Why it did not begin, or not go on, though nothing failed.
    pub(crate) waits: Option<String>,
    /// Letters that came up for other keys.
    pub(crate) letters: u64,
}

impl<W: Work> Worker<W> {
    /// Looks after the dead letters when it is time to: requests, and holds without a letter.
    pub(super) async fn attend(&self, progress: &mut Progress) -> Result<(), Trouble> {
        if !progress.pending.is_empty() {
            self.store_checkpoint(progress).await?;
        }
        if progress.is_stale {
            progress.holds = Holds::load(self.table.letters().holds().await?);
            self.replay_free(progress, &mut LetterOutcome::default())
                .await?;
            progress.is_stale = false;
        }
        let pause = self.attention(progress);
        let is_asked = std::mem::take(&mut progress.is_asked);
        if !is_asked && progress.attended.is_some_and(|at| at.elapsed() < pause) {
            return Ok(());
        }
        progress.attended = Some(tokio::time::Instant::now());
        for (request, order) in self.table.letters().requests().await? {
            let mut outcome = LetterOutcome::default();
            self.carry_out(progress, order, &mut outcome).await?;
            self.replay_free(progress, &mut outcome).await?;
            if stopped(&self.source.stop) {
                return Ok(());
            }
            let answer = LetterChanges {
                answers: vec![(request, outcome)],
                ..LetterChanges::default()
            };
            self.write_letters(progress, &answer).await?;
        }
        Ok(())
    }

    /// How long requests may stay unseen.
    pub(super) fn attention(&self, progress: &Progress) -> Duration {
        match (progress.holds.is_empty(), self.source.options.on_failure) {
            (false, _) => WITH_LETTERS,
            (true, OnFailure::DeadLetter) => WITHOUT_LETTERS,
            (true, OnFailure::Stop) => Duration::MAX,
        }
    }

    async fn carry_out(
        &self,
        progress: &mut Progress,
        order: LetterOrder,
        outcome: &mut LetterOutcome,
    ) -> Result<(), Trouble> {
        match order {
            LetterOrder::Retry(letter) => {
                if self.waits(&letter).await? {
                    let replayed = W::replay(self, progress, &letter.key).await?;
                    note(outcome, Some(letter.position), replayed);
                }
            }
            LetterOrder::RetryAll => {
                let holds = self.table.letters().holds().await?;
                for hold in in_order(holds).filter(|hold| hold.failed) {
                    let replayed = W::replay(self, progress, &hold.key).await?;
                    note(outcome, Some(hold.first), replayed);
                    if stopped(&self.source.stop) {
                        break;
                    }
                }
            }
            LetterOrder::Discard { letter, reason } => {
                if self.waits(&letter).await? {
                    let changes = LetterChanges {
                        discarded: vec![(letter, reason)],
                        ..LetterChanges::default()
                    };
                    self.write_letters(progress, &changes).await?;
                    outcome.resolved += 1;
                }
            }
        }
        self.count_letters().await
    }

    async fn waits(&self, letter: &HeldEvent) -> Result<bool, Trouble> {
        let one = LetterQuery::One(letter.clone());
        let letters = self.table.letters().letters(&one).await?;
        Ok(letters.iter().any(|letter| letter.discarded.is_none()))
    }

    /// Replays the holds whose first event is no letter: what kept them is resolved or discarded, or
    /// a worker ended in the middle of them.
    async fn replay_free(
        &self,
        progress: &mut Progress,
        outcome: &mut LetterOutcome,
    ) -> Result<(), Trouble> {
        let mut tried: HashSet<(String, Position)> = HashSet::new();
        while !progress.holds.is_empty() && !stopped(&self.source.stop) {
            let holds = self.table.letters().holds().await?;
            let free = in_order(holds).filter(|hold| !hold.failed);
            let free = free.filter(|hold| tried.insert((hold.key.clone(), hold.first)));
            let free: Vec<Hold> = free.collect();
            if free.is_empty() {
                break;
            }
            for hold in free {
                let replayed = W::replay(self, progress, &hold.key).await?;
                note(outcome, None, replayed);
            }
        }
        self.count_letters().await
    }

    /// The first events that are held for a key; where there are none, it is held no longer.
    pub(crate) async fn held_events(
        &self,
        progress: &mut Progress,
        key: &str,
    ) -> Result<Vec<StoredEvent>, Trouble> {
        let positions = self
            .table
            .letters()
            .held(key, self.source.options.page_size)
            .await?;
        if positions.is_empty() {
            progress.holds.remove(key);
        }
        let mut events = Vec::with_capacity(positions.len());
        for position in positions {
            let Some(event) = event_at(self.source.events.as_ref(), position).await? else {
                let reason = format!(
                    "the event at position {position}, which is held for `{key}`, is no longer in the log; open the event store that it belongs to"
                );
                return Err(Trouble::End(End::Failed(self.failure(reason))));
            };
            events.push(event);
        }
        Ok(events)
    }

    /// Changes letters alone; the checkpoint stays where it is stored.
    pub(crate) async fn write_letters(
        &self,
        progress: &mut Progress,
        changes: &LetterChanges,
    ) -> Result<(), Trouble> {
        let to = progress.stored.clone();
        self.write_letters_to(progress, changes, &to).await
    }

    /// Changes letters and moves the stored checkpoint, without any work between the two.
    pub(crate) async fn write_letters_to(
        &self,
        progress: &mut Progress,
        changes: &LetterChanges,
        to: &Checkpoint,
    ) -> Result<(), Trouble> {
        let mut page = PageWrite::checkpoint(&progress.claim, progress.stored.position, to);
        page.letters = Some(changes);
        let written = self.table.write_page(page).await;
        written.map_err(|error| self.write_trouble(error))?;
        progress.stored = to.clone();
        progress.renewed = Instant::now();
        for event in &changes.held {
            progress.holds.add(event);
        }
        Ok(())
    }

    /// A held event was tried once and failed again, or for the first time.
    pub(crate) async fn fail_again(
        &self,
        progress: &mut Progress,
        key: &str,
        event: &StoredEvent,
        reason: &str,
    ) -> Result<(), Trouble> {
        let changes = LetterChanges {
            held: vec![HeldEvent::new(key, event.position)],
            letters: vec![letter(key, event, reason, 1)],
            ..LetterChanges::default()
        };
        self.write_letters(progress, &changes).await
    }

    pub(crate) fn note_letter(&self, event: &StoredEvent, reason: &str) {
        let position = event.position.get();
        tracing::warn!(
            projection = self.work.name(),
            position,
            error = reason,
            "dead letter"
        );
        self.note_error(reason);
    }

    pub(crate) fn write_trouble(&self, error: WritePageError) -> Trouble {
        match error {
            WritePageError::Fenced => Trouble::End(End::Fenced),
            WritePageError::Store(error) => Trouble::Store(error),
            WritePageError::Fold(error) => {
                Trouble::End(End::Failed(self.failure(error.to_string())))
            }
        }
    }

    /// Shows in the status how many letters wait.
    pub(crate) async fn count_letters(&self) -> Result<(), Trouble> {
        let letters = self.table.letters().letter_count().await?;
        self.status.send_if_modified(|status| {
            std::mem::replace(&mut status.dead_letters, letters) != letters
        });
        Ok(())
    }
}

/// Streams first: rows may wait for them.
fn in_order(mut holds: Vec<Hold>) -> impl Iterator<Item = Hold> {
    holds.sort_by_key(|hold| (!HoldKey::is_stream(&hold.key), hold.first));
    holds.into_iter()
}

fn note(outcome: &mut LetterOutcome, letter: Option<Position>, replayed: Replayed) {
    let failed = replayed.failed.as_ref().map(|(position, _)| *position);
    let still_waits = replayed
        .waits
        .filter(|_| letter.is_some() && replayed.events == 0);
    if letter.is_some() && still_waits.is_none() && failed != letter {
        outcome.resolved += 1;
    }
    let reason = replayed.failed.map(|(_, reason)| reason).or(still_waits);
    outcome.failed += replayed.letters + u64::from(reason.is_some());
    outcome.reason = reason.or(outcome.reason.take());
}
