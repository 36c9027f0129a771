//! ⑦ Rows and their dead letters: which keys an event is held for, and the replay of a key.

use super::letters::Replayed;
use super::page::{Failed, Guilt, Part, RowWork, Smaller};
use super::{Progress, Trouble, Worker};
use crate::checkpoint::Checkpoint;
use crate::event::StoredEvent;
use crate::projection::Projection;
use crate::projection::dead_letter::{HoldKey, letter};
use crate::projection::fold::PageFold;
use crate::projection::scope::Scope;
use crate::store::StoreError;
use crate::view::{HeldEvent, LetterChanges, ViewQuery};

/// The keys of an event, as the texts of holds.
#[derive(Default)]
struct Touched {
    /// For which nothing is held.
    free: Vec<String>,
    /// For which events are held already.
    held: Vec<String>,
}

impl<P: Projection> Worker<RowWork<P>> {
    /// Holds an event of a held stream, also for each of its keys: no later event may pass it there.
    pub(super) async fn hold(
        &self,
        progress: &mut Progress,
        event: &StoredEvent,
        to: Checkpoint,
    ) -> Result<(), Trouble> {
        // One that cannot be read is held for its stream alone; it is a letter when its turn comes.
        let touched = self.touched(progress, event).await?;
        let keys = touched
            .into_iter()
            .flat_map(|touched| touched.free.into_iter().chain(touched.held));
        let keys = keys.chain([HoldKey::of_stream(&event.stream)]);
        let changes = LetterChanges {
            held: keys
                .map(|key| HeldEvent::new(key, event.position))
                .collect(),
            ..LetterChanges::default()
        };
        self.write_letters_to(progress, &changes, &to).await?;
        self.reach(progress, to);
        Ok(())
    }

    /// Makes a dead letter of an event for each of its keys, or for its stream where its keys are not
    /// known. For keys that are held already it is held like any other.
    pub(super) async fn bury(
        &self,
        progress: &mut Progress,
        failed: Failed<'_>,
        mut changes: LetterChanges,
        to: &Checkpoint,
    ) -> Result<u64, Trouble> {
        let Failed {
            event,
            guilt,
            attempt,
        } = failed;
        let touched = self.touched(progress, event).await?;
        let mut touched = touched.unwrap_or_default();
        if touched.free.is_empty() {
            touched.free.push(HoldKey::of_stream(&event.stream));
        }
        self.note_letter(event, &guilt.reason);
        for key in &touched.free {
            changes
                .letters
                .push(letter(key, event, &guilt.reason, attempt));
        }
        let keys = touched.free.into_iter().chain(touched.held);
        changes
            .held
            .extend(keys.map(|key| HeldEvent::new(key, event.position)));
        self.write_letters_to(progress, &changes, to).await?;
        Ok(changes.letters.len() as u64)
    }

    /// Which keys the event touches; `None` where it cannot be said.
    async fn touched(
        &self,
        progress: &Progress,
        event: &StoredEvent,
    ) -> Result<Option<Touched>, StoreError> {
        let scope = self.work.scope(&progress.holds);
        let mut fold = PageFold::<P>::scoped(scope.clone());
        if fold.note(std::slice::from_ref(event)).is_err() {
            return Ok(None);
        }
        let mut touched = Touched {
            free: fold.touched(),
            held: fold.held().iter().map(|(_, key)| key.clone()).collect(),
        };
        for filter in fold.filters() {
            // Nobody else writes rows under this lease, so they are those that the event would find.
            let mut query = ViewQuery::first(usize::MAX);
            query.filters.push(filter);
            let key = P::schema().key;
            for row in self.table.query(&query).await? {
                let key = HoldKey::of_row(&row[key]);
                let is_known = touched.free.contains(&key) || progress.holds.rows().contains(&key);
                if scope.has_stored(&key) && !is_known {
                    touched.free.push(key);
                }
            }
        }
        Ok(Some(touched))
    }

    /// Folds what is held for a row over it, in order, until an event fails.
    pub(super) async fn replay_row(
        &self,
        progress: &mut Progress,
        key: &str,
    ) -> Result<Replayed, Trouble> {
        let mut replayed = Replayed::default();
        loop {
            let events = self.held_events(progress, key).await?;
            let Some(first) = events.first() else {
                return Ok(replayed);
            };
            let free = progress.holds.before_held_stream(&events);
            if free == 0 {
                let reason = format!(
                    "it waits for an earlier event of the stream `{}`",
                    first.stream
                );
                replayed.waits = Some(reason);
                return Ok(replayed);
            }
            self.replay_events(progress, key, &events[..free], &mut replayed)
                .await?;
            if replayed.failed.is_some() {
                return Ok(replayed);
            }
        }
    }

    async fn replay_events(
        &self,
        progress: &mut Progress,
        key: &str,
        events: &[StoredEvent],
        replayed: &mut Replayed,
    ) -> Result<(), Trouble> {
        let mut rest = events;
        let mut length = rest.len();
        while let Some(first) = rest.first() {
            let part = released(progress, Scope::only::<P>(key), &rest[..length], key);
            let failure = match self.write_part(progress, part, None).await {
                Ok(_) => {
                    replayed.events += length as u64;
                    rest = &rest[length..];
                    length = rest.len();
                    continue;
                }
                Err(failure) => failure,
            };
            match self.smaller(failure, length)? {
                Smaller::Part(part) => length = part,
                Smaller::Guilty(Guilt {
                    reason,
                    is_of_the_event: true,
                }) => {
                    self.fail_again(progress, key, first, &reason).await?;
                    replayed.failed = Some((first.position, reason));
                    return Ok(());
                }
                Smaller::Guilty(Guilt { reason, .. }) => return Err(self.blame(first, &reason)),
            }
        }
        Ok(())
    }

    /// Projects what is held for a stream, now that its first event can be read or was discarded.
    pub(super) async fn replay_stream(
        &self,
        progress: &mut Progress,
        key: &str,
    ) -> Result<Replayed, Trouble> {
        let mut replayed = Replayed::default();
        loop {
            let events = self.held_events(progress, key).await?;
            if events.is_empty() {
                return Ok(replayed);
            }
            for event in &events {
                if let Err(error) = PageFold::<P>::default().note(std::slice::from_ref(event)) {
                    let reason = error.to_string();
                    self.fail_again(progress, key, event, &reason).await?;
                    replayed.failed = Some((event.position, reason));
                    return Ok(replayed);
                }
                replayed.letters += self.project_late(progress, key, event).await?;
                replayed.events += 1;
                progress.holds.advance(key, event.position);
            }
        }
    }

    /// Projects one event of a held stream, for the keys that nothing else holds, and says how many
    /// letters it became.
    async fn project_late(
        &self,
        progress: &mut Progress,
        key: &str,
        event: &StoredEvent,
    ) -> Result<u64, Trouble> {
        let scope = self.work.scope(&progress.holds);
        let part = released(progress, scope, std::slice::from_ref(event), key);
        let released = part.letters.clone();
        let failure = match self.write_part(progress, part, None).await {
            Ok(_) => return Ok(0),
            Err(failure) => failure,
        };
        match self.smaller(failure, 1)? {
            Smaller::Guilty(guilt) if guilt.is_of_the_event => {
                let failed = Failed {
                    event,
                    guilt,
                    attempt: 1,
                };
                let to = progress.stored.clone();
                self.bury(progress, failed, released, &to).await
            }
            Smaller::Guilty(guilt) => Err(self.blame(event, &guilt.reason)),
            Smaller::Part(_) => Ok(0),
        }
    }
}

/// Held events on their way into the view, held no longer if they get there.
fn released<'a>(
    progress: &Progress,
    scope: Scope,
    events: &'a [StoredEvent],
    key: &str,
) -> Part<'a> {
    let released = events
        .iter()
        .map(|event| HeldEvent::new(key, event.position));
    Part {
        events,
        scope,
        letters: LetterChanges {
            released: released.collect(),
            ..LetterChanges::default()
        },
        to: progress.stored.clone(),
    }
}
