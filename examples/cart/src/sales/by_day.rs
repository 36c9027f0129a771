//! ⑦⑧⑨ The sales per day: every figure of a day.

use chrono::NaiveDate;
use cqrs::prelude::*;
use rust_decimal::Decimal;

use crate::credit_note::{self, CreditNoteEvent};
use crate::order::{self, OrderEvent};

/// What was sold and cancelled on a day (UTC).
#[derive(Projection, Clone, Debug, PartialEq)]
#[projection(
    name = "sales_per_day",
    events(OrderEvent, CreditNoteEvent),
    index(revenue)
)]
pub struct DailySales {
    /// The day.
    pub day: NaiveDate,
    /// How many orders were placed.
    pub orders: u64,
    /// How many lines they had.
    pub lines: u64,
    /// How many units of all products.
    pub units: u64,
    /// What they were worth.
    #[projection(scale = 3)]
    pub revenue: Decimal,
    /// How many orders were cancelled and credit notes issued.
    pub cancellations: u64,
    /// How many lines the credit notes had.
    pub credit_lines: u64,
    /// What was cancelled: zero or below.
    #[projection(scale = 3)]
    pub cancelled: Decimal,
}

impl Project<OrderEvent> for DailySales {
    fn project(event: &Recorded<OrderEvent>, rows: &mut Rows<Self>) {
        rows.upsert(&event.occurred_at.date_naive(), |row| match &event.data {
            OrderEvent::Placed { lines, .. } => {
                row.orders += 1;
                row.lines += lines.len() as u64;
                row.units += lines.iter().map(|line| u64::from(line.units)).sum::<u64>();
                row.revenue += order::total(lines);
            }
            OrderEvent::Cancelled { amount, .. } => {
                row.cancellations += 1;
                row.cancelled -= amount;
            }
        });
    }
}

impl Project<CreditNoteEvent> for DailySales {
    fn project(event: &Recorded<CreditNoteEvent>, rows: &mut Rows<Self>) {
        let CreditNoteEvent::Issued { lines, .. } = &event.data;
        rows.upsert(&event.occurred_at.date_naive(), |row| {
            row.cancellations += 1;
            row.credit_lines += lines.len() as u64;
            row.cancelled += credit_note::total(lines);
        });
    }
}
