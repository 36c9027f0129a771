//! ⑨ The figures, read from the views and from nothing else.

use cqrs::prelude::*;
use cqrs::query::QueryError;
use rust_decimal::Decimal;

use crate::product::Product;
use crate::refusal::{Reason, RefusedByReason, RefusedLineDetails};
use crate::sales::DailySales;

/// How many rows are read at once.
const PAGE: usize = 500;

/// The figures of the whole shop.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// How many lines came in: of orders, of credit notes and refused.
    pub lines: u64,
    /// How many lines were refused.
    pub refused_lines: u64,
    /// How many for which reason, the most frequent first.
    pub refused: Vec<RefusedByReason>,
    /// Some of the lines whose invoice is stored with other content.
    pub changed: Vec<RefusedLineDetails>,
    /// How many orders were placed.
    pub invoices: u64,
    /// What they were worth.
    pub revenue: Decimal,
    /// How many orders were cancelled and credit notes issued.
    pub cancellations: u64,
    /// What was cancelled: zero or below.
    pub cancelled: Decimal,
    /// How many products were sold.
    pub products: u64,
    /// The product of which most units were sold.
    pub top_product: Option<Product>,
    /// The day with the highest revenue.
    pub best_day: Option<DailySales>,
}

/// Reads the figures. They are those of a moment once the views have caught up.
///
/// # Errors
///
/// [`QueryError`] when a view cannot be read.
pub async fn figures(app: &App) -> Result<Figures, QueryError> {
    let products = app.view::<Product>();
    let by_units = Product::UNITS_SOLD.desc();
    let by_revenue = DailySales::REVENUE.desc();
    let changed = RefusedLineDetails::REASON.eq(Reason::InvoiceChanged);
    let mut figures = Figures {
        products: products.count().await?,
        top_product: app.view().order_by(by_units).page(1).await?.rows.pop(),
        best_day: app.view().order_by(by_revenue).page(1).await?.rows.pop(),
        changed: app.view().filter(changed).page(5).await?.rows,
        refused: app.view::<RefusedByReason>().page(PAGE).await?.rows,
        ..Figures::default()
    };
    figures
        .refused
        .sort_by_key(|refused| std::cmp::Reverse(refused.lines));
    figures.refused_lines = figures.refused.iter().map(|refused| refused.lines).sum();
    figures.lines = figures.refused_lines;
    add_days(app, &mut figures).await?;
    Ok(figures)
}

async fn add_days(app: &App, figures: &mut Figures) -> Result<(), QueryError> {
    let mut page = app.view::<DailySales>().page(PAGE).await?;
    loop {
        for day in &page {
            figures.lines += day.lines + day.credit_lines;
            figures.invoices += day.orders;
            figures.revenue += day.revenue;
            figures.cancellations += day.cancellations;
            figures.cancelled += day.cancelled;
        }
        let Some(next) = page.next else { return Ok(()) };
        page = app.view().after(next).page(PAGE).await?;
    }
}
