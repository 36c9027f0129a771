//! ⑧ Views on Postgres: not there yet, which a projection is told by name.

use std::sync::Arc;

use cqrs_core::BoxFuture;
use cqrs_core::checkpoint::ClaimRequest;
use cqrs_core::store::StoreError;
use cqrs_core::view::{BuildOutcome, Building, ViewSchema, ViewStore, ViewTable};

/// Refuses every view.
#[derive(Debug)]
pub(crate) struct NoViews {
    store: String,
}

impl NoViews {
    pub(crate) fn new(store: &str) -> Self {
        let store = store.to_owned();
        Self { store }
    }

    fn refuse<'a, T: Send + 'a>(
        &self,
        schema: &ViewSchema,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        let error = StoreError::Unsupported {
            store: self.store.clone(),
            reason: format!(
                "it keeps events and, as yet, no views, so `{}` needs another store: give it `ProjectionOptions::on`, or the application `App::builder(postgres.with_views(…))`",
                schema.name
            ),
        };
        Box::pin(std::future::ready(Err(error)))
    }
}

impl ViewStore for NoViews {
    fn open<'a>(
        &'a self,
        schema: &'a ViewSchema,
    ) -> BoxFuture<'a, Result<Arc<dyn ViewTable>, StoreError>> {
        self.refuse(schema)
    }

    fn build<'a>(
        &'a self,
        schema: &'a ViewSchema,
        _: ClaimRequest<'a>,
    ) -> BoxFuture<'a, Result<BuildOutcome, StoreError>> {
        self.refuse(schema)
    }

    fn building<'a>(
        &'a self,
        schema: &'a ViewSchema,
    ) -> BoxFuture<'a, Result<Option<Building>, StoreError>> {
        self.refuse(schema)
    }
}
