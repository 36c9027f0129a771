//! ⑧ Tables beside tables in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{MemoryView, Partition, Table, lock};
use crate::BoxFuture;
use crate::checkpoint::{Checkpoint, Claim, ClaimOutcome, ClaimRequest};
use crate::store::StoreError;
use crate::view::{Answering, Building, SwapOutcome, ViewReader, ViewSchema, ViewSwap};

/// All tables of a store, by the view's name. Locked before any table of it.
pub(super) type Views = Mutex<HashMap<&'static str, Tables>>;

/// The tables of one view.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// The fingerprint of the one that has the plain name.
    serving: Option<u64>,
    opened: HashMap<u64, Arc<Mutex<Table>>>,
    built: HashMap<u64, Arc<Mutex<Table>>>,
}

impl Tables {
    pub(super) fn open(&mut self, schema: &ViewSchema) -> Arc<Mutex<Table>> {
        let fingerprint = schema.fingerprint();
        let gone = |serving: &u64| !self.opened.contains_key(serving);
        if self.serving.as_ref().is_none_or(gone) {
            self.serving = Some(fingerprint);
        }
        let answers = self.serving == Some(fingerprint);
        let table = self.opened.entry(fingerprint);
        let table = table.or_insert_with(|| {
            let mut table = Table::new(schema.partitions, &schema.events);
            (table.answers, table.shape) = (answers, schema.shape());
            Arc::new(Mutex::new(table))
        });
        lock(table).widen(&schema.events);
        Arc::clone(table)
    }

    pub(super) fn build(
        &mut self,
        schema: &ViewSchema,
        request: &ClaimRequest<'_>,
    ) -> Result<(Arc<Mutex<Table>>, Claim), Building> {
        let fingerprint = schema.fingerprint();
        let left = self.built.get(&fingerprint).cloned();
        let mut left = left.as_ref().map(|table| lock(table));
        if let Some(left) = &left
            && left.building().is_held(crate::time::now())
        {
            return Err(left.building());
        }
        let mut table = Table::new(schema.partitions, request.events);
        let epochs = left.iter().flat_map(|left| &left.partitions);
        let epoch = epochs.map(|left| left.epoch).max().unwrap_or(0);
        let mut claimed = None;
        for partition in &mut table.partitions {
            partition.epoch = epoch;
            partition.checkpoint = request.initial.clone();
            claimed = Some(partition.claim(request));
        }
        if let Some(left) = &mut left {
            left.fence();
        }
        let Some(ClaimOutcome::Held { claim, .. }) = claimed else {
            return Err(table.building());
        };
        let table = Arc::new(Mutex::new(table));
        self.built.insert(fingerprint, Arc::clone(&table));
        Ok((table, claim))
    }

    pub(super) fn building(&self, fingerprint: u64) -> Option<Building> {
        let table = self.built.get(&fingerprint)?;
        Some(lock(table).building())
    }

    fn swap(
        &mut self,
        view: &MemoryView,
        claim: &Claim,
        instead_of: Option<&Checkpoint>,
    ) -> SwapOutcome {
        let fingerprint = view.schema.fingerprint();
        let replaced = match view.built {
            true => Some(fingerprint),
            false => self.serving,
        };
        let replaced = replaced.and_then(|replaced| self.opened.get(&replaced));
        let replaced = replaced.filter(|replaced| !Arc::ptr_eq(replaced, &view.table));
        let mut own = lock(&view.table);
        if !own.partitions[view.partition].is_held_under(claim) {
            return SwapOutcome::Fenced;
        }
        if own.answers && !view.built {
            return SwapOutcome::Swapped;
        }
        if let Some(replaced) = replaced {
            let mut replaced = lock(replaced);
            if view.built {
                let followed: Vec<&str> = own.events.iter().map(String::as_str).collect();
                let events = replaced.lacking(&followed);
                if !events.is_empty() {
                    return SwapOutcome::Lacks { events };
                }
            }
            let further = match view.built {
                true => replaced.partition_ahead_of(&own, instead_of),
                false => replaced.ahead_of(&own, view.partition, instead_of),
            };
            if let Some(further) = further {
                return SwapOutcome::Behind(further.clone());
            }
            if view.built {
                replaced.rows = std::mem::take(&mut own.rows);
                for (replaced, own) in replaced.partitions.iter_mut().zip(&mut own.partitions) {
                    replaced.letters.adopt(std::mem::take(&mut own.letters));
                    replaced.checkpoint = own.checkpoint.clone();
                    replaced.added.clear();
                }
                replaced.fence();
            }
        }
        if view.built {
            own.fence();
            self.built.remove(&fingerprint);
        } else {
            own.answers = true;
            self.serving = Some(fingerprint);
        }
        SwapOutcome::Swapped
    }

    fn drop_unused(&mut self, own: u64, before: DateTime<Utc>) {
        let unused = |table: &Arc<Mutex<Table>>| lock(table).last_used() <= before;
        let serving = self.serving.and_then(|serving| self.opened.get(&serving));
        let answers = |table: &Arc<Mutex<Table>>| lock(table).answers;
        if serving.is_none_or(unused) && self.opened.get(&own).is_some_and(answers) {
            self.serving = Some(own);
        }
        let serving = self.serving;
        self.opened.retain(|fingerprint, table| {
            *fingerprint == own || Some(*fingerprint) == serving || !unused(table)
        });
        self.built.retain(|_, table| !unused(table));
    }

    fn answering(&self, view: &MemoryView) -> Option<Arc<Mutex<Table>>> {
        let serving = self.opened.get(&self.serving?)?;
        let table = lock(serving);
        let fits = table.answers && table.shape == view.schema.shape();
        drop(table);
        fits.then(|| Arc::clone(serving))
    }
}

impl Table {
    fn new(partitions: u32, events: &[&str]) -> Self {
        Self {
            partitions: (0..partitions.max(1))
                .map(|_| Partition::default())
                .collect(),
            events: events.iter().map(ToString::to_string).collect(),
            ..Self::default()
        }
    }

    pub(super) fn lacking(&self, followed: &[&str]) -> Vec<String> {
        let lacking = |name: &&String| !followed.contains(&name.as_str());
        self.events.iter().filter(lacking).cloned().collect()
    }

    fn widen(&mut self, names: &[&str]) {
        for partition in &mut self.partitions {
            partition.used = crate::time::now();
        }
        let names = names.iter().map(ToString::to_string);
        let new: Vec<String> = names.filter(|name| !self.events.contains(name)).collect();
        if !new.is_empty() {
            for partition in &mut self.partitions {
                partition.added.extend(new.iter().cloned());
            }
            self.events.extend(new);
            self.fence();
        }
    }

    fn building(&self) -> Building {
        let mut leases = self
            .partitions
            .iter()
            .filter_map(|partition| partition.lease);
        let holder = leases.next().map(|(holder, _)| holder);
        Building::new(holder, self.last_used(), self.slowest().clone())
    }

    fn last_used(&self) -> DateTime<Utc> {
        let used = self.partitions.iter();
        let used = used.map(|part| part.lease.map_or(part.used, |(_, until)| until));
        used.max().unwrap_or_default()
    }

    /// Where the table stands, if further than another one: the slowest partition of each counts.
    fn ahead_of(
        &self,
        other: &Self,
        claimed: usize,
        lost: Option<&Checkpoint>,
    ) -> Option<&Checkpoint> {
        // A partition that nobody has claimed yet stands at the beginning, of whatever log.
        let log_id = other.partitions[claimed].checkpoint.log_id;
        let further = self.slowest();
        let is_ahead = further.log_id == log_id
            && further.position > other.slowest().position
            && lost != Some(further);
        is_ahead.then_some(further)
    }

    /// Where a partition stands that is further than the one which takes its place; of several, the first.
    fn partition_ahead_of(&self, built: &Self, lost: Option<&Checkpoint>) -> Option<&Checkpoint> {
        let pairs = self.partitions.iter().zip(&built.partitions);
        let pairs = pairs.map(|(own, built)| (&own.checkpoint, &built.checkpoint));
        let ahead = pairs.filter(|(own, built)| {
            let is_lost = lost.is_some_and(|lost| own.position >= lost.position);
            own.log_id == built.log_id && own.position > built.position && !is_lost
        });
        let ahead = ahead.map(|(own, _)| own);
        ahead.min_by_key(|checkpoint| checkpoint.position)
    }

    /// The checkpoint up to which every partition has come.
    fn slowest(&self) -> &Checkpoint {
        let mut slowest = &self.partitions[0].checkpoint;
        for partition in &self.partitions {
            if partition.checkpoint.position < slowest.position {
                slowest = &partition.checkpoint;
            }
        }
        slowest
    }

    /// Whoever holds a lease can write no more.
    fn fence(&mut self) {
        for partition in &mut self.partitions {
            partition.epoch += 1;
            partition.lease = None;
            partition.used = crate::time::now();
        }
    }
}

impl ViewSwap for MemoryView {
    fn answering(&self) -> BoxFuture<'_, Result<Answering, StoreError>> {
        let views = lock(&self.views);
        let (answers, settled) = {
            let own = lock(&self.table);
            let settled = own.partitions.iter().all(|part| part.added.is_empty());
            (own.answers, settled)
        };
        let older = match answers {
            true => Some(Arc::clone(&self.table)),
            false => views
                .get(self.schema.name)
                .and_then(|tables| tables.answering(self)),
        };
        let answering = match older {
            Some(_) if answers && settled => Answering::Itself,
            Some(table) => Answering::Older(Arc::new(self.over(table)) as Arc<dyn ViewReader>),
            None => Answering::Nothing,
        };
        Box::pin(std::future::ready(Ok(answering)))
    }

    fn swap<'a>(
        &'a self,
        claim: &'a Claim,
        instead_of: Option<&'a Checkpoint>,
    ) -> BoxFuture<'a, Result<SwapOutcome, StoreError>> {
        let mut views = lock(&self.views);
        let tables = views.entry(self.schema.name).or_default();
        let outcome = tables.swap(self, claim, instead_of);
        Box::pin(std::future::ready(Ok(outcome)))
    }

    fn added_events(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        let added = &lock(&self.table).partitions[self.partition].added;
        let added = added.iter().cloned().collect();
        Box::pin(std::future::ready(Ok(added)))
    }

    fn settle_events<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        let mut table = lock(&self.table);
        let partition = &mut table.partitions[self.partition];
        if partition.is_held_under(claim) {
            partition.added.clear();
        }
        Box::pin(std::future::ready(Ok(())))
    }

    fn drop_unused(&self, unused: Duration) -> BoxFuture<'_, Result<(), StoreError>> {
        let mut views = lock(&self.views);
        if let Some(tables) = views.get_mut(self.schema.name) {
            tables.drop_unused(self.schema.fingerprint(), crate::time::now() - unused);
        }
        Box::pin(std::future::ready(Ok(())))
    }
}
