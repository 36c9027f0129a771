//! ⑧ Views on SQLite: a table for each view.
//!
//! The table of the view `balances` is named for its shape, `balances_9f86d081884c7d65`, so that a
//! changed one is built beside it; an SQL view of the plain name shows the one that answers. Bool is
//! INTEGER 0 or 1, UUID is TEXT with hyphens, a day is TEXT `2010-12-07`, a moment is INTEGER
//! microseconds since 1970 (UTC), a decimal is INTEGER in units of its last digit, JSON is TEXT.
//!
//! Where the view has full text, its words are in an FTS5 table beside it,
//! `balances_9f86d081884c7d65_search`: made, written and to be dropped together with it.

mod build;
mod cell;
mod clause;
mod events;
mod lease;
mod letters;
mod nodes;
mod open;
mod page;
mod query;
mod search;
mod swap;
mod table;
mod unused;

use std::sync::Arc;
use std::time::Duration;

use cqrs_core::BoxFuture;
use cqrs_core::checkpoint::{Checkpoint, Claim, ClaimOutcome, ClaimRequest};
use cqrs_core::store::StoreError;
use cqrs_core::view::{
    Answering, BuildOutcome, Building, LetterStore, PageWrite, Row, SwapOutcome, Value, ViewNodes,
    ViewQuery, ViewReader, ViewRowFilter, ViewSchema, ViewSearch, ViewStore, ViewSwap, ViewTable,
    ViewWriter, WritePageError,
};

use self::table::Table;
use crate::database::SqliteDatabase;

/// The views of an SQLite file. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SqliteViewStore {
    database: Arc<SqliteDatabase>,
}

/// One view of an SQLite file.
#[derive(Debug)]
struct SqliteView {
    database: Arc<SqliteDatabase>,
    table: Table,
    partition: u32,
}

impl SqliteViewStore {
    pub(crate) fn new(database: Arc<SqliteDatabase>) -> Self {
        Self { database }
    }

    async fn open_view(&self, schema: &ViewSchema) -> Result<Arc<dyn ViewTable>, StoreError> {
        let table = self.table(schema)?;
        open::create(&self.database, &table).await?;
        Ok(Arc::new(SqliteView {
            database: Arc::clone(&self.database),
            table,
            partition: 0,
        }))
    }

    fn table(&self, schema: &ViewSchema) -> Result<Table, StoreError> {
        let place = self.database.place("open view");
        Table::new(schema).map_err(|reason| place.failed(reason))
    }
}

impl ViewStore for SqliteViewStore {
    fn open<'a>(
        &'a self,
        schema: &'a ViewSchema,
    ) -> BoxFuture<'a, Result<Arc<dyn ViewTable>, StoreError>> {
        Box::pin(self.open_view(schema))
    }

    fn build<'a>(
        &'a self,
        schema: &'a ViewSchema,
        request: ClaimRequest<'a>,
    ) -> BoxFuture<'a, Result<BuildOutcome, StoreError>> {
        Box::pin(self.build_view(schema, request))
    }

    fn building<'a>(
        &'a self,
        schema: &'a ViewSchema,
    ) -> BoxFuture<'a, Result<Option<Building>, StoreError>> {
        Box::pin(self.view_building(schema))
    }
}

impl ViewSwap for SqliteView {
    fn answering(&self) -> BoxFuture<'_, Result<Answering, StoreError>> {
        Box::pin(self.answering_table())
    }

    fn swap<'a>(
        &'a self,
        claim: &'a Claim,
        instead_of: Option<&'a Checkpoint>,
    ) -> BoxFuture<'a, Result<SwapOutcome, StoreError>> {
        Box::pin(self.swap_in(claim, instead_of))
    }

    fn added_events(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(self.read_added())
    }

    fn settle_events<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.settle(claim))
    }

    fn drop_unused(&self, unused: Duration) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.drop_unused_tables(unused))
    }
}

impl ViewWriter for SqliteView {
    fn claim<'a>(
        &'a self,
        request: ClaimRequest<'a>,
    ) -> BoxFuture<'a, Result<ClaimOutcome, StoreError>> {
        Box::pin(self.claim_lease(request))
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.release_lease(claim))
    }

    fn write_page<'a>(&'a self, page: PageWrite<'a>) -> BoxFuture<'a, Result<(), WritePageError>> {
        Box::pin(self.write(page))
    }

    fn letters(&self) -> &dyn LetterStore {
        self
    }

    fn nodes(&self) -> &dyn ViewNodes {
        self
    }

    fn partition(&self, index: u32) -> Arc<dyn ViewTable> {
        Arc::new(SqliteView {
            database: Arc::clone(&self.database),
            table: self.table.clone(),
            partition: index,
        })
    }
}

impl ViewReader for SqliteView {
    fn get<'a>(&'a self, keys: &'a [Value]) -> BoxFuture<'a, Result<Vec<Row>, StoreError>> {
        Box::pin(self.rows_by_key(keys))
    }

    fn query<'a>(&'a self, query: &'a ViewQuery) -> BoxFuture<'a, Result<Vec<Row>, StoreError>> {
        Box::pin(self.rows_of(query))
    }

    fn search<'a>(&'a self, search: &'a ViewSearch) -> BoxFuture<'a, Result<Vec<Row>, StoreError>> {
        Box::pin(self.best_rows(search))
    }

    fn count<'a>(&'a self, filters: &'a [ViewRowFilter]) -> BoxFuture<'a, Result<u64, StoreError>> {
        Box::pin(self.count_rows(filters))
    }

    fn checkpoint(&self) -> BoxFuture<'_, Result<Checkpoint, StoreError>> {
        Box::pin(self.stored_checkpoint())
    }
}
