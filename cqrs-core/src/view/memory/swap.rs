//! ⑧ Tables beside tables in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{MemoryView, Table, lock};
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
            Arc::new(Mutex::new(Table {
                answers,
                shape: schema.shape(),
                ..Table::default()
            }))
        });
        lock(table).used = crate::time::now();
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
        let mut table = Table {
            epoch: left.as_ref().map_or(0, |left| left.epoch),
            ..Table::default()
        };
        if let Some(left) = &mut left {
            left.fence();
        }
        let ClaimOutcome::Held { claim, .. } = table.claim(request) else {
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
        if !own.is_held_under(claim) {
            return SwapOutcome::Fenced;
        }
        if let Some(replaced) = replaced {
            let mut replaced = lock(replaced);
            let ahead = replaced.checkpoint.log_id == own.checkpoint.log_id
                && replaced.checkpoint.position > own.checkpoint.position;
            if ahead && instead_of != Some(&replaced.checkpoint) {
                return SwapOutcome::Behind(replaced.checkpoint.clone());
            }
            if view.built {
                replaced.rows = std::mem::take(&mut own.rows);
                replaced.letters.adopt(std::mem::take(&mut own.letters));
                replaced.checkpoint = own.checkpoint.clone();
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
    fn building(&self) -> Building {
        let until = self.lease.map_or(self.used, |(_, until)| until);
        let holder = self.lease.map(|(holder, _)| holder);
        Building::new(holder, until, self.checkpoint.clone())
    }

    fn last_used(&self) -> DateTime<Utc> {
        self.lease.map_or(self.used, |(_, until)| until)
    }

    /// Whoever holds the lease can write no more.
    fn fence(&mut self) {
        self.epoch += 1;
        self.lease = None;
        self.used = crate::time::now();
    }
}

impl ViewSwap for MemoryView {
    fn answering(&self) -> BoxFuture<'_, Result<Answering, StoreError>> {
        let views = lock(&self.views);
        let answering = match lock(&self.table).answers {
            true => None,
            false => Some(views.get(self.schema.name)),
        };
        let answering = match answering {
            None => Answering::Itself,
            Some(tables) => match tables.and_then(|tables| tables.answering(self)) {
                None => Answering::Nothing,
                Some(table) => Answering::Older(Arc::new(self.over(table)) as Arc<dyn ViewReader>),
            },
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

    fn drop_unused(&self, unused: Duration) -> BoxFuture<'_, Result<(), StoreError>> {
        let mut views = lock(&self.views);
        if let Some(tables) = views.get_mut(self.schema.name) {
            tables.drop_unused(self.schema.fingerprint(), crate::time::now() - unused);
        }
        Box::pin(std::future::ready(Ok(())))
    }
}
