//! ⑦⑧⑨ The products view: what is for sale, at which price, and how it sells.

use chrono::{DateTime, Utc};
use cqrs::prelude::*;
use rust_decimal::Decimal;

use super::ProductCode;
use crate::order::{Line, OrderEvent};

/// A product that was sold at least once.
#[derive(Projection, Clone, Debug, PartialEq)]
#[projection(
    name = "products",
    events(OrderEvent),
    index(name, units_sold, revenue)
)]
pub struct Product {
    /// Its stock code.
    pub code: ProductCode,
    /// The latest description that is not empty; customers search in it.
    #[projection(full_text)]
    pub name: String,
    /// The sale that the name comes from.
    pub named_at: DateTime<Utc>,
    /// The price of the latest sale.
    #[projection(scale = 3)]
    pub price: Decimal,
    /// The sale that the price comes from.
    pub priced_at: DateTime<Utc>,
    /// How many units were ordered; cancellations are counted apart, in the sales views.
    pub units_sold: u64,
    /// What they were ordered for.
    #[projection(scale = 3)]
    pub revenue: Decimal,
}

impl Project<OrderEvent> for Product {
    fn project(event: &Recorded<OrderEvent>, rows: &mut Rows<Self>) {
        let OrderEvent::Placed { lines, .. } = &event.data else {
            return;
        };
        for line in lines {
            rows.upsert(&line.product, |row| row.sell(line, event.occurred_at));
        }
    }
}

impl Product {
    /// The latest sale wins by its date, not by its place in the log: an import may bring old ones
    /// after new ones. Among equals the greater price and name win, so that no order matters.
    fn sell(&mut self, line: &Line, at: DateTime<Utc>) {
        self.units_sold += u64::from(line.units);
        self.revenue += line.amount();
        if (at, line.price) > (self.priced_at, self.price) {
            (self.priced_at, self.price) = (at, line.price);
        }
        if !line.name.is_empty() && (at, &line.name) > (self.named_at, &self.name) {
            (self.named_at, self.name) = (at, line.name.clone());
        }
    }
}
