//! ⑦ Rows: the changes of a page of events, noted first and made afterwards.

use std::collections::{BTreeSet, HashMap};

use super::scope::{self, Scope};
use super::{FoldError, FromKey, Projection, ViewRow};
use crate::query::Filter;
use crate::view::{
    ColumnError, ColumnType, LoadedRows, Row, RowChanges, Test, Value, ViewRowFilter,
};

/// The rows that a page of events touches.
///
/// Every method may be called any number of times for one event. Changes are made in the order of
/// the events.
#[derive(Debug)]
pub struct Rows<P: Projection> {
    phase: Phase,
    scope: Scope,
    /// The held keys that the event just noted touches.
    held: BTreeSet<String>,
    /// The rows that the events name.
    slots: Slots<P>,
    /// A part of the rows that only filters find.
    matching: Slots<P>,
    changed_matches: ChangedMatches<P::Key>,
    filters: Vec<ViewRowFilter>,
    skipped: u64,
    fault: Option<FoldError>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    Noting,
    Keyed,
    Matching,
}

type Slots<P> = HashMap<<P as ViewRow>::Key, Slot<P>>;

#[derive(Debug)]
struct Slot<P> {
    row: Option<P>,
    stored: Option<Row>,
    changed: bool,
}

impl<P> Default for Slot<P> {
    fn default() -> Self {
        Self {
            row: None,
            stored: None,
            changed: false,
        }
    }
}

/// The keys of changed rows that only filters found.
#[derive(Debug)]
enum ChangedMatches<K> {
    None,
    OnePart(Vec<K>),
    /// There is no bound to how many they are.
    ManyParts,
}

impl<P: Projection> Rows<P> {
    /// Adds a row; one with its key must not exist.
    ///
    /// A key that exists is a failing event, since one of the two rows would be lost.
    pub fn insert(&mut self, row: P) {
        let Some(slot) = self.slot(row.key()) else {
            return;
        };
        if slot.row.is_none() {
            slot.row = Some(row);
            slot.changed = true;
        } else {
            self.fail(FoldError::RowExists {
                key: format!("{:?}", row.key()),
            });
        }
    }

    /// Changes the row with this key; where there is none, that is counted and nothing happens.
    pub fn update(&mut self, key: &P::Key, change: impl FnOnce(&mut P)) {
        let Some(slot) = self.slot(key) else { return };
        match &mut slot.row {
            Some(row) => {
                change(row);
                slot.changed = true;
                let moved = row.key() != key;
                self.check_key(key, moved);
            }
            None => self.skipped += 1,
        }
    }

    /// Changes the row with this key; where there is none, it is made from its key first.
    pub fn upsert(&mut self, key: &P::Key, change: impl FnOnce(&mut P))
    where
        P: FromKey,
    {
        let Some(slot) = self.slot(key) else { return };
        let row = slot.row.get_or_insert_with(|| P::from_key(key.clone()));
        change(row);
        slot.changed = true;
        let moved = row.key() != key;
        self.check_key(key, moved);
    }

    /// Removes the row with this key, if there is one.
    pub fn delete(&mut self, key: &P::Key) {
        let Some(slot) = self.slot(key) else { return };
        if slot.row.take().is_some() {
            slot.changed = true;
        }
    }

    /// Changes every row whose indexed column has this value: a copied name is renamed everywhere.
    ///
    /// # Example
    ///
    /// ```
    /// # use cqrs::doc::Balance;
    /// # use cqrs::prelude::*;
    /// # fn rename(rows: &mut Rows<Balance>) {
    /// rows.update_where(Balance::OWNER, "Ada", |row| row.owner = "Ada Lovelace".into());
    /// # }
    /// ```
    pub fn update_where<T, C>(
        &mut self,
        column: crate::query::Column<P, T, C>,
        value: impl crate::query::Operand<T>,
        mut change: impl FnMut(&mut P),
    ) where
        T: ColumnType,
        C: crate::query::Indexed,
    {
        let filter: Filter<P> = column.eq(value);
        let Some((column, wanted)) = self.equality(filter) else {
            return;
        };
        if self.phase == Phase::Noting {
            let test = Test::Equals(wanted);
            self.filters.push(ViewRowFilter { column, test });
            self.held.extend(self.scope.every_held().cloned());
            return;
        }
        let mut moved = None;
        let slots = match self.phase {
            Phase::Noting | Phase::Keyed => &mut self.slots,
            Phase::Matching => &mut self.matching,
        };
        for (key, slot) in slots {
            let Some(row) = &mut slot.row else { continue };
            if !self.scope.has::<P>(key) {
                continue;
            }
            if row.cell(column).is_ok_and(|cell| cell == wanted) {
                change(row);
                slot.changed = true;
                if row.key() != key {
                    moved = Some(format!("{key:?}"));
                }
            }
        }
        if let Some(key) = moved {
            self.fail(FoldError::KeyChanged { key });
        }
    }

    fn equality(&mut self, filter: Filter<P>) -> Option<(usize, Value)> {
        match filter.into_parts() {
            Ok((column, Test::Equals(value))) => Some((column, value)),
            Ok(_) => None,
            Err(error) => {
                self.fail(FoldError::Column { source: error });
                None
            }
        }
    }

    fn slot(&mut self, key: &P::Key) -> Option<&mut Slot<P>> {
        if !self.scope.has::<P>(key) {
            self.held.extend(self.scope.held::<P>(key));
            return None;
        }
        match self.phase {
            Phase::Noting => {
                if !self.slots.contains_key(key) {
                    self.slots.insert(key.clone(), Slot::default());
                }
                None
            }
            Phase::Keyed => {
                let slot = self.slots.get_mut(key);
                if slot.is_none() {
                    self.fault.get_or_insert_with(|| FoldError::Impure {
                        key: format!("{key:?}"),
                    });
                }
                slot
            }
            // Its turn was before.
            Phase::Matching => None,
        }
    }

    /// A row that changes its own key would be written under another and leave the old one behind.
    fn check_key(&mut self, key: &P::Key, moved: bool) {
        if moved {
            self.fail(FoldError::KeyChanged {
                key: format!("{key:?}"),
            });
        }
    }

    fn fail(&mut self, fault: FoldError) {
        self.fault.get_or_insert(fault);
    }
}

/// What the runtime does with it, in this order: note, then load, change and take for each part.
impl<P: Projection> Rows<P> {
    pub(super) fn noting(scope: Scope) -> Self {
        Self {
            phase: Phase::Noting,
            scope,
            held: BTreeSet::new(),
            slots: HashMap::new(),
            matching: HashMap::new(),
            changed_matches: ChangedMatches::None,
            filters: Vec::new(),
            skipped: 0,
            fault: None,
        }
    }

    /// Columns are cells, so that the store needs no type of ours.
    pub(super) fn touched_keys(&self) -> Result<Vec<Value>, FoldError> {
        let cells = self.slots.keys().map(|key| key.to_value());
        let cells: Result<Vec<_>, _> = cells.collect();
        cells.map_err(|source| FoldError::Column { source })
    }

    /// The same keys as the texts of holds.
    pub(super) fn touched(&self) -> Vec<String> {
        let schema = P::schema();
        let keys = self.slots.keys();
        keys.filter_map(|key| scope::text(schema.key_column(), key))
            .collect()
    }

    /// The held keys that were touched since the last call.
    pub(super) fn take_held(&mut self) -> BTreeSet<String> {
        std::mem::take(&mut self.held)
    }

    pub(super) fn filters(&self) -> &[ViewRowFilter] {
        &self.filters
    }

    /// Puts stored rows in; those of the keys begin the page anew.
    pub(super) fn load(&mut self, rows: LoadedRows) -> Result<(), FoldError> {
        self.fault = None;
        let loaded = match rows {
            LoadedRows::Keyed(rows) => self.load_keyed(rows),
            LoadedRows::Matching(rows) => self.load_matching(rows),
        };
        loaded.map_err(|source| FoldError::Column { source })
    }

    fn load_keyed(&mut self, rows: Vec<Row>) -> Result<(), ColumnError> {
        self.phase = Phase::Keyed;
        self.skipped = 0;
        self.changed_matches = ChangedMatches::None;
        self.matching.clear();
        self.slots
            .values_mut()
            .for_each(|slot| *slot = Slot::default());
        for cells in rows {
            let (key, slot) = stored::<P>(cells)?;
            self.slots.insert(key, slot);
        }
        Ok(())
    }

    fn load_matching(&mut self, rows: Vec<Row>) -> Result<(), ColumnError> {
        self.phase = Phase::Matching;
        self.matching.clear();
        for cells in rows {
            let (key, slot) = stored::<P>(cells)?;
            if !self.slots.contains_key(&key) {
                self.matching.insert(key, slot);
            }
        }
        Ok(())
    }

    pub(super) fn take_fault(&mut self) -> Option<FoldError> {
        self.fault.take()
    }

    pub(super) fn skipped(&self) -> u64 {
        self.skipped
    }

    /// The keys of the rows that were changed, unless they are too many to be kept.
    pub(super) fn changed_keys(&self) -> Option<Vec<P::Key>> {
        let keyed = changed::<P>(&self.slots);
        match &self.changed_matches {
            ChangedMatches::None => Some(keyed.collect()),
            ChangedMatches::OnePart(matches) => {
                Some(keyed.chain(matches.iter().cloned()).collect())
            }
            ChangedMatches::ManyParts => None,
        }
    }

    /// What is to be written of the rows that were loaded last.
    pub(super) fn changes(&mut self) -> Result<RowChanges, FoldError> {
        if self.phase == Phase::Matching {
            self.note_changed_matches();
        }
        let changes = row_changes(match self.phase {
            Phase::Noting | Phase::Keyed => &self.slots,
            Phase::Matching => &self.matching,
        });
        changes.map_err(|source| FoldError::Column { source })
    }

    fn note_changed_matches(&mut self) {
        let keys: Vec<P::Key> = changed::<P>(&self.matching).collect();
        if keys.is_empty() {
            return;
        }
        self.changed_matches = match self.changed_matches {
            ChangedMatches::None => ChangedMatches::OnePart(keys),
            ChangedMatches::OnePart(_) | ChangedMatches::ManyParts => ChangedMatches::ManyParts,
        };
    }
}

fn stored<P: ViewRow>(cells: Row) -> Result<(P::Key, Slot<P>), ColumnError> {
    let row = P::from_row(cells.clone())?;
    let key = row.key().clone();
    let slot = Slot {
        row: Some(row),
        stored: Some(cells),
        changed: false,
    };
    Ok((key, slot))
}

fn changed<P: Projection>(slots: &Slots<P>) -> impl Iterator<Item = P::Key> {
    let changed = slots.iter().filter(|(_, slot)| slot.changed);
    changed.map(|(key, _)| key.clone())
}

fn row_changes<P: Projection>(slots: &Slots<P>) -> Result<RowChanges, ColumnError> {
    let schema = P::schema();
    let mut differs = vec![false; schema.columns.len()];
    let mut changes = RowChanges::default();
    for (key, slot) in slots.iter().filter(|(_, slot)| slot.changed) {
        let Some(row) = &slot.row else {
            if slot.stored.is_some() {
                changes.deletes.push(key.to_value()?);
            }
            continue;
        };
        let cells = (0..differs.len()).map(|index| row.cell(index));
        let cells = schema.admit(cells.collect::<Result<_, _>>()?)?;
        match &slot.stored {
            None => changes.inserts.push(cells),
            Some(stored) if *stored == cells => {}
            Some(stored) => {
                mark_different(&mut differs, stored, &cells);
                changes.updates.push(cells);
            }
        }
    }
    let columns = differs.iter().enumerate().filter(|(_, differs)| **differs);
    changes.updated_columns = columns.map(|(column, _)| column).collect();
    Ok(changes)
}

fn mark_different(differs: &mut [bool], stored: &Row, cells: &Row) {
    for (differs, (stored, cell)) in differs.iter_mut().zip(stored.iter().zip(cells)) {
        *differs |= stored != cell;
    }
}
