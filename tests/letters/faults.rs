//! A view store whose database is lost now and then: before a page is written, or after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cqrs::BoxFuture;
use cqrs::store::StoreError;
use cqrs::view::{
    Answering, BuildOutcome, Building, LetterStore, MemoryViewStore, PageWrite, Row, SwapOutcome,
    Value, ViewNodes, ViewQuery, ViewReader, ViewRowFilter, ViewSchema, ViewSearch, ViewStore,
    ViewSwap, ViewTable, ViewWriter, WritePageError,
};
use cqrs_core::checkpoint::{Checkpoint, Claim, ClaimOutcome, ClaimRequest};

/// Loses one of so many answers.
pub(crate) struct FaultyViews {
    inner: MemoryViewStore,
    every: u64,
    writes: Arc<AtomicU64>,
}

struct FaultyTable {
    inner: Arc<dyn ViewTable>,
    every: u64,
    writes: Arc<AtomicU64>,
}

impl FaultyViews {
    pub(crate) fn new(every: u64) -> Self {
        Self {
            inner: MemoryViewStore::default(),
            every,
            writes: Arc::default(),
        }
    }

    fn faulty(&self, inner: Arc<dyn ViewTable>) -> Arc<dyn ViewTable> {
        Arc::new(FaultyTable {
            inner,
            every: self.every,
            writes: Arc::clone(&self.writes),
        })
    }
}

impl ViewStore for FaultyViews {
    fn open<'a>(
        &'a self,
        schema: &'a ViewSchema,
    ) -> BoxFuture<'a, Result<Arc<dyn ViewTable>, StoreError>> {
        Box::pin(async move { Ok(self.faulty(self.inner.open(schema).await?)) })
    }

    fn build<'a>(
        &'a self,
        schema: &'a ViewSchema,
        request: ClaimRequest<'a>,
    ) -> BoxFuture<'a, Result<BuildOutcome, StoreError>> {
        Box::pin(async move {
            Ok(match self.inner.build(schema, request).await? {
                BuildOutcome::Held { table, claim } => {
                    let table = self.faulty(table);
                    BuildOutcome::Held { table, claim }
                }
                held => held,
            })
        })
    }

    fn building<'a>(
        &'a self,
        schema: &'a ViewSchema,
    ) -> BoxFuture<'a, Result<Option<Building>, StoreError>> {
        self.inner.building(schema)
    }
}

/// Without a rhythm into which the worker's writes could fall (splitmix64, the same in every run).
fn scattered(number: u64) -> u64 {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn lost() -> WritePageError {
    WritePageError::Store(StoreError::ConnectionLost {
        store: "the test's views".to_owned(),
        operation: "write page",
    })
}

impl ViewWriter for FaultyTable {
    fn claim<'a>(
        &'a self,
        request: ClaimRequest<'a>,
    ) -> BoxFuture<'a, Result<ClaimOutcome, StoreError>> {
        self.inner.claim(request)
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        self.inner.release(claim)
    }

    fn write_page<'a>(&'a self, page: PageWrite<'a>) -> BoxFuture<'a, Result<(), WritePageError>> {
        Box::pin(async move {
            let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
            let is_lost = scattered(number).is_multiple_of(self.every);
            if is_lost && scattered(number) % 7 < 3 {
                return Err(lost());
            }
            let written = self.inner.write_page(page).await;
            match is_lost {
                true => written.and(Err(lost())),
                false => written,
            }
        })
    }

    fn letters(&self) -> &dyn LetterStore {
        self.inner.letters()
    }

    fn nodes(&self) -> &dyn ViewNodes {
        self.inner.nodes()
    }

    fn partition(&self, index: u32) -> Arc<dyn ViewTable> {
        Arc::new(Self {
            inner: self.inner.partition(index),
            every: self.every,
            writes: Arc::clone(&self.writes),
        })
    }
}

impl ViewSwap for FaultyTable {
    fn answering(&self) -> BoxFuture<'_, Result<Answering, StoreError>> {
        self.inner.answering()
    }

    fn swap<'a>(
        &'a self,
        claim: &'a Claim,
        instead_of: Option<&'a Checkpoint>,
    ) -> BoxFuture<'a, Result<SwapOutcome, StoreError>> {
        self.inner.swap(claim, instead_of)
    }

    fn added_events(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        self.inner.added_events()
    }

    fn settle_events<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        self.inner.settle_events(claim)
    }

    fn drop_unused(&self, unused: Duration) -> BoxFuture<'_, Result<(), StoreError>> {
        self.inner.drop_unused(unused)
    }
}

impl ViewReader for FaultyTable {
    fn get<'a>(&'a self, keys: &'a [Value]) -> BoxFuture<'a, Result<Vec<Row>, StoreError>> {
        self.inner.get(keys)
    }

    fn query<'a>(&'a self, query: &'a ViewQuery) -> BoxFuture<'a, Result<Vec<Row>, StoreError>> {
        self.inner.query(query)
    }

    fn search<'a>(&'a self, search: &'a ViewSearch) -> BoxFuture<'a, Result<Vec<Row>, StoreError>> {
        self.inner.search(search)
    }

    fn count<'a>(&'a self, filters: &'a [ViewRowFilter]) -> BoxFuture<'a, Result<u64, StoreError>> {
        self.inner.count(filters)
    }

    fn checkpoint(&self) -> BoxFuture<'_, Result<Checkpoint, StoreError>> {
        self.inner.checkpoint()
    }
}
