//! ⑧ Dead letters in memory.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{MemoryView, lock};
use crate::BoxFuture;
use crate::store::StoreError;
use crate::stream::Position;
use crate::view::{
    HeldEvent, Hold, LetterChanges, LetterOrder, LetterOutcome, LetterQuery, LetterReader,
    LetterRequests, StoredLetter,
};

#[derive(Debug, Default)]
pub(super) struct Letters {
    /// By key, then by position.
    held: BTreeSet<HeldEvent>,
    letters: BTreeMap<(Position, String), StoredLetter>,
    requests: Vec<(Uuid, LetterOrder, Option<LetterOutcome>)>,
}

impl Letters {
    pub(super) fn change(&mut self, changes: &LetterChanges) {
        for event in &changes.released {
            self.held.remove(event);
            self.letters.remove(&place(event));
        }
        for (event, reason) in &changes.discarded {
            self.held.remove(event);
            if let Some(letter) = self.letters.get_mut(&place(event)) {
                letter.discarded = Some(reason.clone());
            }
        }
        self.held.extend(changes.held.iter().cloned());
        for letter in &changes.letters {
            self.save(letter);
        }
        for (id, outcome) in &changes.answers {
            for request in self.requests.iter_mut().filter(|request| request.0 == *id) {
                request.2 = Some(outcome.clone());
            }
        }
    }

    /// Takes the place of what is here by that of a table which was built anew; what was asked stays.
    pub(super) fn adopt(&mut self, built: Self) {
        self.held = built.held;
        self.letters = built.letters;
    }

    fn save(&mut self, letter: &StoredLetter) {
        let place = place(&letter.event);
        let tried = self.letters.get(&place).map_or(0, |known| known.attempts);
        let mut letter = letter.clone();
        letter.attempts += tried;
        self.letters.insert(place, letter);
    }

    fn of(&self, key: &str) -> impl Iterator<Item = &HeldEvent> {
        let from = HeldEvent::new(key, Position::START);
        let events = self.held.range(from..);
        events.take_while(move |event| event.key == key)
    }

    fn waits(&self, event: &HeldEvent) -> bool {
        let letter = self.letters.get(&place(event));
        letter.is_some_and(|letter| letter.discarded.is_none())
    }

    fn holds(&self) -> Vec<Hold> {
        let mut holds: Vec<Hold> = Vec::new();
        for event in &self.held {
            if holds.last().is_none_or(|hold| hold.key != event.key) {
                let failed = self.waits(event);
                holds.push(Hold::new(&event.key, event.position, failed));
            }
        }
        holds
    }

    fn list(&self, query: &LetterQuery) -> Vec<StoredLetter> {
        let (discarded, after, limit) = match query {
            LetterQuery::One(event) => {
                let letter = self.letters.get(&place(event));
                return letter
                    .map(|letter| self.shown(letter))
                    .into_iter()
                    .collect();
            }
            LetterQuery::Waiting { after, limit } => (false, after, *limit),
            LetterQuery::Discarded { after, limit } => (true, after, *limit),
        };
        let later = |letter: &&StoredLetter| {
            let after = after.as_ref().map(place);
            after.is_none_or(|after| place(&letter.event) > after)
        };
        let letters = self.letters.values().filter(later);
        let letters = letters.filter(|letter| letter.discarded.is_some() == discarded);
        letters
            .take(limit)
            .map(|letter| self.shown(letter))
            .collect()
    }

    fn shown(&self, letter: &StoredLetter) -> StoredLetter {
        let event = &letter.event;
        let behind = self
            .of(&event.key)
            .filter(|held| held.position > event.position);
        let mut letter = letter.clone();
        letter.behind = behind.count() as u64;
        letter
    }
}

fn place(event: &HeldEvent) -> (Position, String) {
    (event.position, event.key.clone())
}

impl LetterReader for MemoryView {
    fn holds(&self) -> BoxFuture<'_, Result<Vec<Hold>, StoreError>> {
        let holds = lock(&self.table).partitions[self.partition].letters.holds();
        Box::pin(std::future::ready(Ok(holds)))
    }

    fn held<'a>(
        &'a self,
        key: &'a str,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Position>, StoreError>> {
        let table = lock(&self.table);
        let held = table.partitions[self.partition].letters.of(key).take(limit);
        let held = held.map(|event| event.position).collect();
        Box::pin(std::future::ready(Ok(held)))
    }

    fn letters<'a>(
        &'a self,
        query: &'a LetterQuery,
    ) -> BoxFuture<'a, Result<Vec<StoredLetter>, StoreError>> {
        let letters = lock(&self.table).partitions[self.partition]
            .letters
            .list(query);
        Box::pin(std::future::ready(Ok(letters)))
    }

    fn letter_count(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        let table = lock(&self.table);
        let letters = table.partitions[self.partition].letters.letters.values();
        let waiting = letters.filter(|letter| letter.discarded.is_none()).count() as u64;
        Box::pin(std::future::ready(Ok(waiting)))
    }
}

impl LetterRequests for MemoryView {
    fn ask<'a>(
        &'a self,
        id: Uuid,
        order: &'a LetterOrder,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let mut table = lock(&self.table);
        let letters = &mut table.partitions[self.partition].letters;
        letters.requests.push((id, order.clone(), None));
        Box::pin(std::future::ready(Ok(())))
    }

    fn requests(&self) -> BoxFuture<'_, Result<Vec<(Uuid, LetterOrder)>, StoreError>> {
        let table = lock(&self.table);
        let requests = table.partitions[self.partition].letters.requests.iter();
        let open = requests.filter(|request| request.2.is_none());
        let open = open.map(|request| (request.0, request.1.clone())).collect();
        Box::pin(std::future::ready(Ok(open)))
    }

    fn outcome(&self, id: Uuid) -> BoxFuture<'_, Result<Option<LetterOutcome>, StoreError>> {
        let table = lock(&self.table);
        let mut requests = table.partitions[self.partition].letters.requests.iter();
        let outcome = requests.find(|request| request.0 == id);
        let outcome = outcome.and_then(|request| request.2.clone());
        Box::pin(std::future::ready(Ok(outcome)))
    }
}
