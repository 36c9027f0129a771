//! ⑨ The figures of the sales page, read from the views and set in charts.

use askama::Template;
use cqrs::prelude::*;
use cqrs::query::QueryError;
use rust_decimal::Decimal;

use super::chart::{BEGIN, BOTTOM, Columns, Day, END, LEFT, RIGHT, Rows, TOP};
use super::{CountrySales, DailySales};
use crate::customer::Customer;
use crate::product::Product;
use crate::text::{counted, day, machine, moment, money};

/// How many days the chart shows: the latest ones on which something was sold.
const DAYS: usize = 60;

/// How many countries the chart shows.
const COUNTRIES: usize = 12;

/// How many products and customers are listed.
const TOP_TEN: usize = 10;

/// How many rows are read at once.
const PAGE: usize = 500;

/// The live part of the sales page.
#[derive(Template)]
#[template(path = "sales/board.html")]
pub(super) struct Board {
    totals: Totals,
    columns: Columns,
    /// The days again, for whoever reads no charts.
    days: Vec<DailySales>,
    rows: Rows,
    products: Vec<Product>,
    customers: Vec<Customer>,
    now: String,
    machine_now: String,
}

/// The whole shop in numbers.
#[derive(Default)]
struct Totals {
    revenue: Decimal,
    cancelled: Decimal,
    orders: u64,
    units: u64,
}

impl Board {
    /// Reads the figures of this moment.
    ///
    /// # Errors
    ///
    /// [`QueryError`] when a view cannot be read.
    pub(super) async fn read(app: &App) -> Result<Self, QueryError> {
        let days = app.view::<DailySales>().order_by(DailySales::DAY.desc());
        let mut days = days.page(DAYS).await?.rows;
        days.reverse();
        let countries = app
            .view::<CountrySales>()
            .order_by(CountrySales::REVENUE.desc());
        let countries = countries.page(COUNTRIES).await?.rows;
        let products = app.view::<Product>().order_by(Product::REVENUE.desc());
        let customers = app.view::<Customer>().order_by(Customer::SPENT.desc());
        let now = chrono::Utc::now();
        Ok(Self {
            totals: Totals::read(app).await?,
            columns: Columns::new(days.iter().map(column).collect()),
            rows: Rows::new(countries.into_iter().map(row).collect()),
            products: products.page(TOP_TEN).await?.rows,
            customers: customers.page(TOP_TEN).await?.rows,
            now: moment(now),
            machine_now: machine(now),
            days,
        })
    }
}

impl Totals {
    async fn read(app: &App) -> Result<Self, QueryError> {
        let mut totals = Self::default();
        let mut page = app.view::<DailySales>().page(PAGE).await?;
        loop {
            for day in &page {
                totals.revenue += day.revenue;
                totals.cancelled += day.cancelled;
                totals.orders += day.orders;
                totals.units += day.units;
            }
            let Some(next) = page.next else {
                return Ok(totals);
            };
            page = app.view().after(next).page(PAGE).await?;
        }
    }
}

fn column(sales: &DailySales) -> Day {
    let (revenue, orders) = (money(sales.revenue), counted(sales.orders, "order"));
    Day {
        name: sales.day.format("%-d %b").to_string(),
        year: sales.day.format("%Y").to_string(),
        amount: sales.revenue,
        told: format!("{}: {revenue} in {orders}", day(sales.day)),
    }
}

fn row(sales: CountrySales) -> Day {
    let (revenue, orders) = (money(sales.revenue), counted(sales.orders, "order"));
    let cancelled = money(sales.cancelled);
    Day {
        told: format!(
            "{}: {revenue} in {orders}, {cancelled} cancelled",
            sales.country
        ),
        name: sales.country,
        year: String::new(),
        amount: sales.revenue,
    }
}
