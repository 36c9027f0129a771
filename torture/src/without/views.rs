//! A view store between the children and the real one, which alters how a page
//! is written or a table swapped in.

use std::sync::Arc;
use std::time::Duration;

use cqrs::store::StoreError;
use cqrs::view::{
    Answering, BuildOutcome, Building, LetterStore, PageWrite, Row, SwapOutcome, Value, ViewNodes,
    ViewQuery, ViewReader, ViewRowFilter, ViewSchema, ViewSearch, ViewStore, ViewSwap, ViewTable,
    ViewWriter, WritePageError,
};
use cqrs_core::BoxFuture;
use cqrs_core::checkpoint::{Checkpoint, Claim, ClaimOutcome, ClaimRequest};

/// Writes a page in another way than the table does.
pub(super) type Write =
    for<'a> fn(&'a dyn ViewTable, PageWrite<'a>) -> BoxFuture<'a, Result<(), WritePageError>>;

/// Lets a table answer in another way.
pub(super) type Swap = for<'a> fn(
    &'a dyn ViewTable,
    &'a Claim,
    Option<&'a Checkpoint>,
) -> BoxFuture<'a, Result<SwapOutcome, StoreError>>;

#[derive(Clone, Copy)]
struct Alteration {
    write: Write,
    swap: Swap,
}

pub(super) struct AlteredViews {
    inner: Arc<dyn ViewStore>,
    alteration: Alteration,
}

struct AlteredTable {
    inner: Arc<dyn ViewTable>,
    alteration: Alteration,
}

impl AlteredViews {
    pub(super) fn new(inner: Arc<dyn ViewStore>) -> Self {
        let alteration = Alteration {
            write: |table, page| table.write_page(page),
            swap: |table, claim, instead_of| table.swap(claim, instead_of),
        };
        Self { inner, alteration }
    }

    pub(super) fn writing(mut self, write: Write) -> Self {
        self.alteration.write = write;
        self
    }

    pub(super) fn swapping(mut self, swap: Swap) -> Self {
        self.alteration.swap = swap;
        self
    }

    fn altered(&self, inner: Arc<dyn ViewTable>) -> Arc<dyn ViewTable> {
        let alteration = self.alteration;
        Arc::new(AlteredTable { inner, alteration })
    }
}

impl ViewStore for AlteredViews {
    fn open<'a>(
        &'a self,
        schema: &'a ViewSchema,
    ) -> BoxFuture<'a, Result<Arc<dyn ViewTable>, StoreError>> {
        Box::pin(async move { Ok(self.altered(self.inner.open(schema).await?)) })
    }

    fn build<'a>(
        &'a self,
        schema: &'a ViewSchema,
        request: ClaimRequest<'a>,
    ) -> BoxFuture<'a, Result<BuildOutcome, StoreError>> {
        Box::pin(async move {
            Ok(match self.inner.build(schema, request).await? {
                BuildOutcome::Held { table, claim } => {
                    let table = self.altered(table);
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

impl ViewSwap for AlteredTable {
    fn answering(&self) -> BoxFuture<'_, Result<Answering, StoreError>> {
        self.inner.answering()
    }

    fn swap<'a>(
        &'a self,
        claim: &'a Claim,
        instead_of: Option<&'a Checkpoint>,
    ) -> BoxFuture<'a, Result<SwapOutcome, StoreError>> {
        (self.alteration.swap)(self.inner.as_ref(), claim, instead_of)
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

impl ViewWriter for AlteredTable {
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
        (self.alteration.write)(self.inner.as_ref(), page)
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
            alteration: self.alteration,
        })
    }
}

impl ViewReader for AlteredTable {
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
