//! ⑦⑧⑨ The credit notes view: one row a credit note.

use chrono::{DateTime, Utc};
use cqrs::prelude::*;
use rust_decimal::Decimal;

use super::{CreditNoteEvent, CreditNoteId, total};
use crate::customer::CustomerId;

/// A credit note in a list of credit notes.
#[derive(Projection, Clone, Debug, PartialEq)]
#[projection(
    name = "credit_notes",
    events(CreditNoteEvent),
    index(customer, issued_at)
)]
pub struct CreditNoteSummary {
    /// The credit note.
    pub note: CreditNoteId,
    /// Who got it, where that is known.
    pub customer: Option<CustomerId>,
    /// Where the customer is.
    pub country: String,
    /// How many lines it has.
    pub lines: u32,
    /// What it is worth: below zero as a rule.
    #[projection(scale = 3)]
    pub total: Decimal,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
}

impl Project<CreditNoteEvent> for CreditNoteSummary {
    fn project(event: &Recorded<CreditNoteEvent>, rows: &mut Rows<Self>) {
        let CreditNoteEvent::Issued {
            customer,
            country,
            lines,
        } = &event.data;
        rows.insert(CreditNoteSummary {
            note: event.id.clone(),
            customer: customer.clone(),
            country: country.clone(),
            lines: u32::try_from(lines.len()).unwrap_or(u32::MAX),
            total: total(lines),
            issued_at: event.occurred_at,
        });
    }
}
