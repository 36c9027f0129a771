//! ⑧ Views on Postgres: a table for each view.
//!
//! The table of the view `balances` is named for its shape, `balances_9f86d081884c7d65`, so that a
//! changed one is built beside it; an SQL view of the plain name shows the one that answers. They are in
//! a schema of their own, `cqrs_views`. Columns have the types that SQL has for their kinds; a decimal is
//! `numeric` with the column's scale, JSON is `json`, which keeps its text.
//!
//! Where the view has full text, its words are in a table beside it,
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
use crate::database::PostgresDatabase;

/// The views of a Postgres database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PostgresViewStore {
    database: Arc<PostgresDatabase>,
}

/// One view of a Postgres database.
#[derive(Debug)]
struct PostgresView {
    database: Arc<PostgresDatabase>,
    table: Table,
    partition: i32,
}

impl PostgresViewStore {
    pub(crate) fn new(database: Arc<PostgresDatabase>) -> Self {
        Self { database }
    }

    async fn open_view(&self, schema: &ViewSchema) -> Result<Arc<dyn ViewTable>, StoreError> {
        let table = self.table(schema)?;
        open::create(&self.database, &table).await?;
        Ok(Arc::new(PostgresView {
            database: Arc::clone(&self.database),
            table,
            partition: 0,
        }))
    }

    fn table(&self, schema: &ViewSchema) -> Result<Table, StoreError> {
        let place = self.database.place("open view");
        Table::new(schema, &self.database.schema).map_err(|reason| place.failed(reason))
    }
}

impl ViewStore for PostgresViewStore {
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

impl ViewSwap for PostgresView {
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

impl ViewWriter for PostgresView {
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
        Arc::new(PostgresView {
            database: Arc::clone(&self.database),
            table: self.table.clone(),
            partition: i32::try_from(index).unwrap_or(i32::MAX),
        })
    }
}

impl ViewReader for PostgresView {
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
