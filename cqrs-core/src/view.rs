//! ⑧ Views: the contract of a view store.
//!
//! A view store keeps the rows of views and, in the same transaction where it has any, the
//! checkpoint that says how far they have followed the log. It knows rows and cells, no types of
//! the user's.

mod column;
mod letters;
mod memory;
mod nodes;
mod schema;
mod search;
mod swap;
mod value;

pub use self::column::{
    ColumnError, ColumnType, Key, assert_full_text, assert_scale, json_from_value, json_to_value,
};
pub use self::letters::{
    HeldEvent, Hold, LetterChanges, LetterOrder, LetterOutcome, LetterQuery, LetterReader,
    LetterRequests, LetterStore, StoredLetter,
};
pub use self::memory::MemoryViewStore;
pub use self::nodes::{Lease, Leases, ViewNodes};
pub use self::schema::{ColumnSchema, ViewSchema};
#[cfg(feature = "test")]
pub(crate) use self::search::ranked;
pub use self::search::{Phrase, ViewSearch, Word, words};
pub use self::swap::{Answering, BuildOutcome, Building, SwapOutcome, ViewSwap};
pub use self::value::{ColumnKind, Row, Value};

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use crate::BoxFuture;
use crate::checkpoint::{Checkpoint, Claim, ClaimOutcome, ClaimRequest};
use crate::projection::FoldError;
use crate::store::StoreError;
use crate::stream::Position;

/// Opens views: makes the table or the index of a schema where it is missing.
pub trait ViewStore: Send + Sync + 'static {
    /// The view of this schema, made empty where there is none with its fingerprint.
    ///
    /// The first table of a view answers for it at once; any other one is built beside those that are
    /// there and answers after [`ViewSwap::swap`]. Where the schema follows an event that the table's
    /// worker may not know, that is noted, and the worker fenced, before this returns.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be reached or refuses the schema.
    fn open<'a>(
        &'a self,
        schema: &'a ViewSchema,
    ) -> BoxFuture<'a, Result<Arc<dyn ViewTable>, StoreError>>;

    /// Begins to build the open view of this schema anew, beside the table that answers and is fed:
    /// one worker at a time, each from the first event. What a worker left half-built is thrown away.
    ///
    /// The lease that it gets is that of every partition of the new table.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be reached.
    fn build<'a>(
        &'a self,
        schema: &'a ViewSchema,
        request: ClaimRequest<'a>,
    ) -> BoxFuture<'a, Result<BuildOutcome, StoreError>>;

    /// How far the view of this schema is built anew; `None` where it is not, or no longer.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn building<'a>(
        &'a self,
        schema: &'a ViewSchema,
    ) -> BoxFuture<'a, Result<Option<Building>, StoreError>>;
}

/// One view in a view store: what the projection writes and what queries read.
pub trait ViewTable: ViewWriter + ViewReader + ViewSwap {}

impl<T: ViewWriter + ViewReader + ViewSwap> ViewTable for T {}

/// The write side of a view. Only the holder of the lease may write.
pub trait ViewWriter: Send + Sync + 'static {
    /// Takes the lease when it is free, expired or one's own, and the worker follows every event that the
    /// view must see; every takeover raises the epoch.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be reached.
    fn claim<'a>(
        &'a self,
        request: ClaimRequest<'a>,
    ) -> BoxFuture<'a, Result<ClaimOutcome, StoreError>>;

    /// Gives the lease back, so that another worker need not wait until it expires.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be reached.
    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Loads the rows that a page touches, folds it, writes the changed rows and the checkpoint:
    /// all of it or nothing.
    ///
    /// The rows of the page's keys are folded and written first. Where the page has filters, the rows
    /// that fit them follow in the order of their keys, part by part, so that memory is bounded by
    /// the page however many they are.
    ///
    /// The checkpoint is written first, on condition that epoch, holder and position are still those
    /// of the claim; a worker that lost or gave back the lease gets [`WritePageError::Fenced`].
    ///
    /// # Errors
    ///
    /// [`WritePageError`]; nothing is written then.
    fn write_page<'a>(&'a self, page: PageWrite<'a>) -> BoxFuture<'a, Result<(), WritePageError>>;

    /// The dead letters, which live beside the rows.
    fn letters(&self) -> &dyn LetterStore;

    /// Which nodes feed the partitions of the view, and which would: the same for every partition.
    fn nodes(&self) -> &dyn ViewNodes;

    /// The same view, written to in this partition alone: lease, checkpoint and dead letters are that
    /// one's. A view as it is opened is that of partition 0, the only one where it is not divided.
    ///
    /// The rows are the same for all; which of them belong to a partition is the worker's to know.
    fn partition(&self, index: u32) -> Arc<dyn ViewTable>;
}

/// The read side of a view.
pub trait ViewReader: Send + Sync + 'static {
    /// The rows with these keys, each once, in any order; keys without a row are left out.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn get<'a>(&'a self, keys: &'a [Value]) -> BoxFuture<'a, Result<Vec<Row>, StoreError>>;

    /// The rows that fit, in the asked order, then by key.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn query<'a>(&'a self, query: &'a ViewQuery) -> BoxFuture<'a, Result<Vec<Row>, StoreError>>;

    /// The rows that fit a full-text search, best first, then by key; none where nothing is searched
    /// for or no column is full text.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn search<'a>(&'a self, search: &'a ViewSearch) -> BoxFuture<'a, Result<Vec<Row>, StoreError>>;

    /// How many rows fit.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn count<'a>(&'a self, filters: &'a [ViewRowFilter]) -> BoxFuture<'a, Result<u64, StoreError>>;

    /// How far the partition has followed the log.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn checkpoint(&self) -> BoxFuture<'_, Result<Checkpoint, StoreError>>;
}

/// Folds a page of events over the rows that it touches; pure, so a store may begin anew with it.
pub type Fold<'a> = dyn FnMut(LoadedRows) -> Result<RowChanges, FoldError> + Send + 'a;

/// Rows that a store has loaded for a fold.
///
/// What an event does to a row depends on the event and that row alone, so rows can be folded part
/// by part, each part over the whole page.
#[derive(Debug, Clone, PartialEq)]
pub enum LoadedRows {
    /// The rows of the page's keys, all of them: the first part.
    Keyed(Vec<Row>),
    /// Some of the rows that fit one of the page's filters, each in one part only. Rows of the page's
    /// keys may be among them: the fold passes over them, since they came first.
    Matching(Vec<Row>),
}

/// A page of events on its way into a view.
#[non_exhaustive]
pub struct PageWrite<'a> {
    /// The lease under which it is written.
    pub claim: &'a Claim,
    /// Where the view stands before the page.
    pub from: Position,
    /// Where it stands afterwards.
    pub to: &'a Checkpoint,
    /// The keys of the rows that the page may touch.
    pub keys: Vec<Value>,
    /// Filters whose rows it may touch as well.
    pub filters: &'a [ViewRowFilter],
    /// The fold over those rows; `None` for a page that only moves the checkpoint.
    pub fold: Option<&'a mut Fold<'a>>,
    /// What changes among the dead letters, if anything does.
    pub letters: Option<&'a LetterChanges>,
}

impl std::fmt::Debug for PageWrite<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("PageWrite")
            .field("claim", self.claim)
            .field("from", &self.from)
            .field("to", self.to)
            .field("keys", &self.keys.len())
            .field("filters", &self.filters)
            .finish_non_exhaustive()
    }
}

impl<'a> PageWrite<'a> {
    /// A page that moves the view from `from` to `to`; keys and filters are set afterwards.
    pub fn new(
        claim: &'a Claim,
        from: Position,
        to: &'a Checkpoint,
        fold: &'a mut Fold<'a>,
    ) -> Self {
        Self {
            fold: Some(fold),
            ..Self::checkpoint(claim, from, to)
        }
    }

    /// A page that only moves the checkpoint, by which the lease is renewed as well.
    pub fn checkpoint(claim: &'a Claim, from: Position, to: &'a Checkpoint) -> Self {
        Self {
            claim,
            from,
            to,
            keys: Vec::new(),
            filters: &[],
            fold: None,
            letters: None,
        }
    }
}

/// The rows that a fold changed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RowChanges {
    /// Rows that did not exist.
    pub inserts: Vec<Row>,
    /// Rows that exist, whole.
    pub updates: Vec<Row>,
    /// The columns, in order, in which any of the updates differs from what is stored: a store need
    /// not write the others, nor touch their indexes.
    pub updated_columns: Vec<usize>,
    /// The keys of rows to remove.
    pub deletes: Vec<Value>,
}

/// Why a page was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WritePageError {
    /// Another worker took the lease, or the checkpoint is not where this one left it.
    #[error("another worker has taken over this projection")]
    Fenced,
    /// An event of the page cannot be projected.
    #[error(transparent)]
    Fold(#[from] FoldError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A test that a row must pass.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewRowFilter {
    /// The column's place in the schema.
    pub column: usize,
    /// What its cell must satisfy.
    pub test: Test,
}

impl ViewRowFilter {
    /// The filter with its values as every store keeps them.
    ///
    /// # Errors
    ///
    /// [`ColumnError`] for a value that the column cannot hold.
    pub fn admitted(self, schema: &ViewSchema) -> Result<Self, ColumnError> {
        let column = &schema.columns[self.column];
        let bound = |bound| match bound {
            Bound::Included(value) => column.admit(value).map(Bound::Included),
            Bound::Excluded(value) => column.admit(value).map(Bound::Excluded),
            Bound::Unbounded => Ok(Bound::Unbounded),
        };
        let test = match self.test {
            Test::Equals(value) => Test::Equals(column.admit(value)?),
            Test::OneOf(values) => {
                let values = values.into_iter().map(|value| column.admit(value));
                Test::OneOf(values.collect::<Result<_, _>>()?)
            }
            Test::Range { lower, upper } => Test::Range {
                lower: bound(lower)?,
                upper: bound(upper)?,
            },
            test @ (Test::IsNull | Test::IsNotNull) => test,
        };
        Ok(Self {
            column: self.column,
            test,
        })
    }

    /// Filters of which any may fit a row, with the equalities on one column as one test: databases bound
    /// the depth of a condition, and a page may hold any number of `update_where`. One alone stays as it
    /// is, since an index on the column then has its rows in the order of their keys.
    pub fn joined(filters: &[Self]) -> Vec<Self> {
        let mut joined = Vec::new();
        let mut equal: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
        for filter in filters {
            match &filter.test {
                Test::Equals(value) => {
                    let values = equal.entry(filter.column).or_default();
                    if !values.contains(value) {
                        values.push(value.clone());
                    }
                }
                _ => joined.push(filter.clone()),
            }
        }
        joined.extend(equal.into_iter().map(|(column, values)| Self {
            column,
            test: match &values[..] {
                [value] => Test::Equals(value.clone()),
                _ => Test::OneOf(values),
            },
        }));
        joined
    }
}

/// What a cell must satisfy. Null equals null alone and lies in no range.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Test {
    /// It has this value.
    Equals(Value),
    /// It has one of these values.
    OneOf(Vec<Value>),
    /// It lies between the bounds.
    Range {
        /// From here.
        lower: Bound<Value>,
        /// Up to here.
        upper: Bound<Value>,
    },
    /// It is null.
    IsNull,
    /// It is not null.
    IsNotNull,
}

/// One column of an order. Null comes last in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderBy {
    /// The column's place in the schema.
    pub column: usize,
    /// Whether large values come first.
    pub descending: bool,
}

/// A question to a view. The key, ascending, always ends the order, so that it is total.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ViewQuery {
    /// What the rows must satisfy, all of it.
    pub filters: Vec<ViewRowFilter>,
    /// The order, most significant first, without the key.
    pub order: Vec<OrderBy>,
    /// Only rows after this place in the order: the cells of the ordered columns, then the key.
    pub after: Option<Vec<Value>>,
    /// How many rows at the most.
    pub limit: usize,
}

impl ViewQuery {
    /// The first `limit` rows by key; filters, order and place are set afterwards.
    pub fn first(limit: usize) -> Self {
        Self {
            filters: Vec::new(),
            order: Vec::new(),
            after: None,
            limit,
        }
    }
}
