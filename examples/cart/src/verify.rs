//! ⑦ Whether the views are what the log says: all of it is folded again in memory and compared.

use std::collections::HashMap;
use std::sync::Arc;

use cqrs::prelude::*;
use cqrs::projection::ProjectionOptions;
use cqrs::query::QueryError;
use cqrs::view::{ColumnError, ColumnType, MemoryViewStore, Value};

use crate::cart::CartOverview;
use crate::credit_note::CreditNoteSummary;
use crate::customer::Customer;
use crate::order::{OrderDetails, OrderSummary};
use crate::product::Product;
use crate::refusal::{RefusedByReason, RefusedLineDetails};
use crate::sales::{CountrySales, DailySales};

/// How many rows are compared at once.
const PAGE: usize = 500;

/// How many differences are told in words.
const EXAMPLES: usize = 10;

/// What a comparison found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// The views that were compared.
    pub views: Vec<&'static str>,
    /// How many rows the log says there are.
    pub rows: u64,
    /// How many rows are missing, too many or different.
    pub differences: u64,
    /// The first of them in words.
    pub examples: Vec<String>,
}

/// The settings under which [`with_views`](crate::views::with_views) folds in memory.
pub fn in_memory() -> ProjectionOptions {
    ProjectionOptions::default().on(Arc::new(MemoryViewStore::default()))
}

/// Compares every row of every view with the same views folded anew. Both must have caught up.
///
/// # Errors
///
/// [`QueryError`] when a view cannot be read.
pub async fn compare(stored: &App, folded: &App) -> Result<Verified, QueryError> {
    let mut verified = Verified::default();
    verified.compare::<CartOverview>(stored, folded).await?;
    verified.compare::<OrderSummary>(stored, folded).await?;
    verified.compare::<OrderDetails>(stored, folded).await?;
    verified.compare::<Product>(stored, folded).await?;
    verified.compare::<Customer>(stored, folded).await?;
    verified.compare::<DailySales>(stored, folded).await?;
    verified.compare::<CountrySales>(stored, folded).await?;
    verified
        .compare::<CreditNoteSummary>(stored, folded)
        .await?;
    verified
        .compare::<RefusedLineDetails>(stored, folded)
        .await?;
    verified.compare::<RefusedByReason>(stored, folded).await?;
    Ok(verified)
}

impl Verified {
    async fn compare<P: Projection>(
        &mut self,
        stored: &App,
        folded: &App,
    ) -> Result<(), QueryError> {
        self.views.push(P::NAME);
        let mut page = folded.view::<P>().page(PAGE).await?;
        loop {
            self.rows += page.rows.len() as u64;
            let found = by_key(stored, &page.rows).await?;
            for row in &page {
                match found.get(row.key()) {
                    None => self.differ(row, " is missing"),
                    Some(found) => self.compare_row(found, row),
                }
            }
            let Some(next) = page.next else { break };
            page = folded.view::<P>().after(next).page(PAGE).await?;
        }
        self.find_extra::<P>(stored, folded).await
    }

    async fn find_extra<P: Projection>(
        &mut self,
        stored: &App,
        folded: &App,
    ) -> Result<(), QueryError> {
        let mut page = stored.view::<P>().page(PAGE).await?;
        loop {
            let known = by_key(folded, &page.rows).await?;
            for row in page.iter().filter(|row| !known.contains_key(row.key())) {
                self.differ(row, " is not in the log");
            }
            let Some(next) = page.next else { return Ok(()) };
            page = stored.view::<P>().after(next).page(PAGE).await?;
        }
    }

    fn compare_row<P: Projection>(&mut self, stored: &P, folded: &P) {
        let columns = P::schema().columns;
        let different = columns.iter().enumerate().find_map(|(index, column)| {
            let (stored, folded) = (stored.cell(index), folded.cell(index));
            let (is, log) = (text(&stored), text(&folded));
            (stored != folded).then(|| format!(": {} is {is}, by the log {log}", column.name))
        });
        if let Some(different) = different {
            self.differ(folded, &different);
        }
    }

    fn differ<P: Projection>(&mut self, row: &P, how: &str) {
        self.differences += 1;
        if self.examples.len() < EXAMPLES {
            let key = text(&row.key().to_value());
            self.examples
                .push(format!("{}: the row {key}{how}", P::NAME));
        }
    }
}

fn text(cell: &Result<Value, ColumnError>) -> String {
    match cell {
        Ok(Value::Null) => "empty".to_owned(),
        Ok(Value::Bool(value)) => value.to_string(),
        Ok(Value::Integer(value)) => value.to_string(),
        Ok(Value::Text(value) | Value::Json(value)) => value.clone(),
        Ok(Value::Uuid(value)) => value.to_string(),
        Ok(Value::Date(value)) => value.to_string(),
        Ok(Value::Time(value)) => value.to_string(),
        Ok(Value::Decimal(value)) => value.to_string(),
        Ok(other) => format!("{other:?}"),
        Err(error) => error.to_string(),
    }
}

async fn by_key<P: Projection>(app: &App, rows: &[P]) -> Result<HashMap<P::Key, P>, QueryError> {
    let keys: Vec<_> = rows.iter().map(|row| row.key().clone()).collect();
    let found = app.view::<P>().get_many(&keys).await?;
    Ok(found
        .into_iter()
        .map(|row| (row.key().clone(), row))
        .collect())
}
