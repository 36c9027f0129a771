//! ⑧ The view store in memory: the shortest correct answer to the contract.

mod letters;
mod nodes;
mod swap;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use self::letters::Letters;
use self::nodes::Standbys;
use self::swap::Views;
use super::search::ranked;
use super::{
    BuildOutcome, Building, Fold, LetterStore, LoadedRows, OrderBy, PageWrite, Row, RowChanges,
    Test, Value, ViewNodes, ViewQuery, ViewReader, ViewRowFilter, ViewSchema, ViewSearch,
    ViewStore, ViewTable, ViewWriter, WritePageError,
};
use crate::BoxFuture;
use crate::checkpoint::{Checkpoint, Claim, ClaimOutcome, ClaimRequest};
use crate::projection::FoldError;
use crate::store::StoreError;

/// A view store that lives as long as the process: for unit tests and trials.
#[derive(Debug, Default)]
pub struct MemoryViewStore {
    views: Arc<Views>,
}

/// One view in memory.
#[derive(Debug)]
struct MemoryView {
    schema: ViewSchema,
    table: Arc<Mutex<Table>>,
    partition: usize,
    /// It is built anew, to take the place of the open one.
    built: bool,
    views: Arc<Views>,
}

#[derive(Debug, Default)]
struct Table {
    /// By the key's order, so that a query without an order needs no sort.
    rows: BTreeMap<Cell, Row>,
    partitions: Vec<Partition>,
    /// Whether code with its schema is answered by it.
    answers: bool,
    shape: u64,
    /// What its workers must follow.
    events: BTreeSet<String>,
    standbys: Standbys,
}

/// What each partition keeps of its own.
#[derive(Debug, Default)]
struct Partition {
    checkpoint: Checkpoint,
    epoch: u64,
    lease: Option<(Uuid, DateTime<Utc>)>,
    /// When it was opened, or its lease given back.
    used: DateTime<Utc>,
    letters: Letters,
    /// Events that it may have passed by before its worker had to follow them.
    added: BTreeSet<String>,
}

impl ViewStore for MemoryViewStore {
    fn open<'a>(
        &'a self,
        schema: &'a ViewSchema,
    ) -> BoxFuture<'a, Result<Arc<dyn ViewTable>, StoreError>> {
        let table = lock(&self.views)
            .entry(schema.name)
            .or_default()
            .open(schema);
        let view: Arc<dyn ViewTable> = Arc::new(self.view(schema, table, false));
        Box::pin(std::future::ready(Ok(view)))
    }

    fn build<'a>(
        &'a self,
        schema: &'a ViewSchema,
        request: ClaimRequest<'a>,
    ) -> BoxFuture<'a, Result<BuildOutcome, StoreError>> {
        let mut views = lock(&self.views);
        let outcome = match views
            .entry(schema.name)
            .or_default()
            .build(schema, &request)
        {
            Err(building) => BuildOutcome::HeldBy(building),
            Ok((table, claim)) => {
                let table = Arc::new(self.view(schema, table, true));
                BuildOutcome::Held { table, claim }
            }
        };
        Box::pin(std::future::ready(Ok(outcome)))
    }

    fn building<'a>(
        &'a self,
        schema: &'a ViewSchema,
    ) -> BoxFuture<'a, Result<Option<Building>, StoreError>> {
        let views = lock(&self.views);
        let tables = views.get(schema.name);
        let building = tables.and_then(|tables| tables.building(schema.fingerprint()));
        Box::pin(std::future::ready(Ok(building)))
    }
}

impl MemoryViewStore {
    fn view(&self, schema: &ViewSchema, table: Arc<Mutex<Table>>, built: bool) -> MemoryView {
        MemoryView {
            schema: schema.clone(),
            table,
            partition: 0,
            built,
            views: Arc::clone(&self.views),
        }
    }
}

impl ViewWriter for MemoryView {
    fn claim<'a>(
        &'a self,
        request: ClaimRequest<'a>,
    ) -> BoxFuture<'a, Result<ClaimOutcome, StoreError>> {
        let claimed = lock(&self.table).claim(self.partition, &request);
        Box::pin(std::future::ready(Ok(claimed)))
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        let mut table = lock(&self.table);
        let partition = &mut table.partitions[self.partition];
        if partition.is_held_under(claim) {
            partition.lease = None;
            partition.used = crate::time::now();
        }
        Box::pin(std::future::ready(Ok(())))
    }

    fn write_page<'a>(&'a self, page: PageWrite<'a>) -> BoxFuture<'a, Result<(), WritePageError>> {
        let written = self.write(page);
        Box::pin(std::future::ready(written))
    }

    fn letters(&self) -> &dyn LetterStore {
        self
    }

    fn nodes(&self) -> &dyn ViewNodes {
        self
    }

    fn partition(&self, index: u32) -> Arc<dyn ViewTable> {
        Arc::new(Self {
            partition: index as usize,
            built: self.built,
            ..self.over(Arc::clone(&self.table))
        })
    }
}

impl MemoryView {
    /// The same view, read from another table with the same columns.
    fn over(&self, table: Arc<Mutex<Table>>) -> Self {
        Self {
            schema: self.schema.clone(),
            table,
            partition: 0,
            built: false,
            views: Arc::clone(&self.views),
        }
    }

    fn write(&self, page: PageWrite<'_>) -> Result<(), WritePageError> {
        let mut table = lock(&self.table);
        let partition = &table.partitions[self.partition];
        if !partition.is_held_under(page.claim) || partition.checkpoint.position != page.from {
            return Err(WritePageError::Fenced);
        }
        if let Some(fold) = page.fold {
            table.fold(&self.schema, page.keys, page.filters, fold)?;
        }
        let partition = &mut table.partitions[self.partition];
        if let Some(letters) = page.letters {
            partition.letters.change(letters);
        }
        partition.checkpoint = page.to.clone();
        partition.lease = Some((page.claim.holder, crate::time::now() + page.claim.lease));
        Ok(())
    }
}

impl Table {
    fn claim(&mut self, partition: usize, request: &ClaimRequest<'_>) -> ClaimOutcome {
        let events = self.lacking(request.events);
        match events.is_empty() {
            true => {
                // All at once, as an event must not be before the beginning of one and after that of another.
                for partition in &mut self.partitions {
                    if partition.checkpoint.log_id.is_none() {
                        partition.checkpoint = request.initial.clone();
                    }
                }
                self.partitions[partition].claim(request)
            }
            false => ClaimOutcome::Lacks { events },
        }
    }

    fn fold(
        &mut self,
        schema: &ViewSchema,
        keys: Vec<Value>,
        filters: &[ViewRowFilter],
        fold: &mut Fold<'_>,
    ) -> Result<(), FoldError> {
        let keys: BTreeSet<Cell> = keys.into_iter().map(Cell).collect();
        let keyed = keys.iter().filter_map(|key| self.rows.get(key));
        let keyed = LoadedRows::Keyed(keyed.cloned().collect());
        let fits = |row: &&Row| filters.iter().any(|filter| passes(filter, row));
        let matching = self.rows.iter().filter(|(key, _)| !keys.contains(key));
        let matching = matching.map(|(_, row)| row).filter(fits);
        let matching = LoadedRows::Matching(matching.cloned().collect());
        let parts = match filters.is_empty() {
            true => vec![keyed],
            false => vec![keyed, matching],
        };
        let changes = parts.into_iter().map(fold);
        for changes in changes.collect::<Result<Vec<_>, _>>()? {
            self.change(schema, changes);
        }
        Ok(())
    }

    fn change(&mut self, schema: &ViewSchema, changes: RowChanges) {
        for row in changes.inserts.into_iter().chain(changes.updates) {
            self.rows.insert(Cell(row[schema.key].clone()), row);
        }
        for key in changes.deletes {
            self.rows.remove(&Cell(key));
        }
    }
}

impl Partition {
    fn claim(&mut self, request: &ClaimRequest<'_>) -> ClaimOutcome {
        let now = crate::time::now();
        match self.lease {
            Some((holder, until)) if holder != request.holder && until > now => {
                return ClaimOutcome::HeldBy { holder, until };
            }
            Some((holder, _)) if holder == request.holder => {}
            _ => self.epoch += 1,
        }
        self.lease = Some((request.holder, now + request.lease));
        ClaimOutcome::Held {
            claim: Claim::new(self.epoch, request.holder, request.lease),
            checkpoint: self.checkpoint.clone(),
        }
    }

    fn is_held_under(&self, claim: &Claim) -> bool {
        let holder = self.lease.map(|(holder, _)| holder);
        self.epoch == claim.epoch && holder == Some(claim.holder)
    }
}

impl ViewReader for MemoryView {
    fn get<'a>(&'a self, keys: &'a [Value]) -> BoxFuture<'a, Result<Vec<Row>, StoreError>> {
        let table = lock(&self.table);
        let keys: BTreeSet<Cell> = keys.iter().cloned().map(Cell).collect();
        let rows = keys.iter().filter_map(|key| table.rows.get(key));
        let rows = rows.cloned().collect();
        Box::pin(std::future::ready(Ok(rows)))
    }

    fn query<'a>(&'a self, query: &'a ViewQuery) -> BoxFuture<'a, Result<Vec<Row>, StoreError>> {
        let key = OrderBy {
            column: self.schema.key,
            descending: false,
        };
        let order: Vec<OrderBy> = query.order.iter().copied().chain([key]).collect();
        let table = lock(&self.table);
        let fits = |row: &&Row| query.filters.iter().all(|filter| passes(filter, row));
        let later = |row: &&Row| {
            let place = query.after.as_ref();
            place.is_none_or(|place| after(row, place, &order))
        };
        let mut rows: Vec<Row> = table
            .rows
            .values()
            .filter(fits)
            .filter(later)
            .cloned()
            .collect();
        rows.sort_by(|left, right| compare_rows(left, right, &order));
        rows.truncate(query.limit);
        Box::pin(std::future::ready(Ok(rows)))
    }

    fn search<'a>(&'a self, search: &'a ViewSearch) -> BoxFuture<'a, Result<Vec<Row>, StoreError>> {
        let table = lock(&self.table);
        let rows: Vec<&Row> = table.rows.values().collect();
        let fits = |row: &Row| search.filters.iter().all(|filter| passes(filter, row));
        let ranked = ranked(&rows, &self.schema.full_text, &search.phrases);
        let best = ranked.into_iter().filter(|row| fits(row));
        let best = best.take(search.limit).cloned().collect();
        Box::pin(std::future::ready(Ok(best)))
    }

    fn count<'a>(&'a self, filters: &'a [ViewRowFilter]) -> BoxFuture<'a, Result<u64, StoreError>> {
        let table = lock(&self.table);
        let fits = |row: &&Row| filters.iter().all(|filter| passes(filter, row));
        let count = table.rows.values().filter(fits).count() as u64;
        Box::pin(std::future::ready(Ok(count)))
    }

    fn checkpoint(&self) -> BoxFuture<'_, Result<Checkpoint, StoreError>> {
        let checkpoint = lock(&self.table).partitions[self.partition]
            .checkpoint
            .clone();
        Box::pin(std::future::ready(Ok(checkpoint)))
    }
}

fn passes(filter: &ViewRowFilter, row: &Row) -> bool {
    let cell = &row[filter.column];
    match &filter.test {
        Test::Equals(value) => cell == value,
        Test::OneOf(values) => values.contains(cell),
        Test::IsNull => *cell == Value::Null,
        Test::IsNotNull => *cell != Value::Null,
        Test::Range { .. } if *cell == Value::Null => false,
        Test::Range { lower, upper } => {
            let above = match lower {
                Bound::Included(value) => compare(cell, value) != Ordering::Less,
                Bound::Excluded(value) => compare(cell, value) == Ordering::Greater,
                Bound::Unbounded => true,
            };
            above
                && match upper {
                    Bound::Included(value) => compare(cell, value) != Ordering::Greater,
                    Bound::Excluded(value) => compare(cell, value) == Ordering::Less,
                    Bound::Unbounded => true,
                }
        }
    }
}

fn compare_rows(left: &Row, right: &Row, order: &[OrderBy]) -> Ordering {
    let columns = order
        .iter()
        .map(|by| (&left[by.column], &right[by.column], by));
    first_difference(columns)
}

fn after(row: &Row, place: &[Value], order: &[OrderBy]) -> bool {
    let columns = order
        .iter()
        .zip(place)
        .map(|(by, cell)| (&row[by.column], cell, by));
    first_difference(columns) == Ordering::Greater
}

fn first_difference<'a>(
    mut columns: impl Iterator<Item = (&'a Value, &'a Value, &'a OrderBy)>,
) -> Ordering {
    let difference = columns.find_map(|(left, right, by)| {
        let ordering = match (left, right) {
            (Value::Null, Value::Null) => Ordering::Equal,
            (Value::Null, _) => Ordering::Greater,
            (_, Value::Null) => Ordering::Less,
            _ if by.descending => compare(right, left),
            _ => compare(left, right),
        };
        (ordering != Ordering::Equal).then_some(ordering)
    });
    difference.unwrap_or(Ordering::Equal)
}

/// Values of one column have one kind; others never meet.
fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.total_cmp(b),
        (Value::Text(a), Value::Text(b)) | (Value::Json(a), Value::Json(b)) => a.cmp(b),
        (Value::Uuid(a), Value::Uuid(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::Decimal(a), Value::Decimal(b)) => a.cmp(b),
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        _ => Ordering::Equal,
    }
}

/// A key as the map orders it.
#[derive(Debug, Clone)]
struct Cell(Value);

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Cell {}

impl PartialOrd for Cell {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cell {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.0, &other.0)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
