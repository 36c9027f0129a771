//! From an invoice to commands: which line is a sale, which a credit, which is refused and why.

use chrono::{DateTime, Utc};
use cqrs::store::MAX_PAYLOAD_BYTES;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{FileError, InvoiceLine};
use crate::credit_note::{CreditLine, CreditNoteCommand};
use crate::customer::CustomerId;
use crate::order::{Line, OrderCommand};
use crate::refusal::{Reason, RefusalCommand, RefusedLine};

/// The lines of one number, as a file has them: at least one.
#[derive(Debug, Clone, PartialEq)]
pub struct Invoice {
    /// Its number.
    pub number: String,
    /// Its lines, in the order of the file.
    pub lines: Vec<InvoiceLine>,
}

/// What to do about an invoice.
pub(super) struct Plan {
    /// Made of the invoice's number and content, so that the same one is recognised.
    pub(super) command_id: Uuid,
    pub(super) date: DateTime<Utc>,
    pub(super) order: Option<OrderCommand>,
    pub(super) credit_note: Option<CreditNoteCommand>,
    pub(super) refusal: Option<RefusalCommand>,
}

/// What command ids are made in.
const COMMAND_IDS: Uuid = Uuid::from_u128(0x6f0a_3b0e_55c4_4c1e_9d27_0d6c_1f7a_8e42);

/// What a line takes in an event besides its texts: field names, numbers, punctuation.
const LINE_OVERHEAD: usize = 256;

impl Invoice {
    /// Whether all its lines are a cancellation.
    pub fn is_cancellation(&self) -> bool {
        self.number.starts_with('C')
    }

    pub(super) fn plan(&self) -> Plan {
        let mut plan = Plan {
            command_id: self.command_id(),
            date: self.date(),
            order: None,
            credit_note: None,
            refusal: None,
        };
        if self.is_cancellation() {
            plan.credit_note = Some(self.credit_note());
            return plan;
        }
        let mut sales = Vec::new();
        let mut refused = Vec::new();
        for line in &self.lines {
            match line.sale() {
                Ok(sale) => sales.push(sale),
                Err(reason) => refused.push(line.refused(reason)),
            }
        }
        plan.order = Some(sales)
            .filter(|sales| !sales.is_empty())
            .map(|sales| self.order(sales));
        plan.refusal = Some(refused)
            .filter(|refused| !refused.is_empty())
            .map(|refused| self.refusal(refused));
        plan
    }

    /// What is recorded where another invoice of this number is stored: every line, with its own
    /// reason where it would have been refused anyway.
    pub(super) fn refuse_all(&self) -> RefusalCommand {
        let lines = self.lines.iter().map(|line| {
            let own = line.sale().err().filter(|_| !self.is_cancellation());
            line.refused(own.unwrap_or(Reason::InvoiceChanged))
        });
        self.refusal(lines.collect())
    }

    fn order(&self, lines: Vec<Line>) -> OrderCommand {
        OrderCommand::Place {
            order: self.number.as_str().into(),
            customer: self.customer(),
            country: self.country(),
            lines,
        }
    }

    fn credit_note(&self) -> CreditNoteCommand {
        CreditNoteCommand::Issue {
            note: self.number.as_str().into(),
            customer: self.customer(),
            country: self.country(),
            lines: self.lines.iter().map(InvoiceLine::credit).collect(),
        }
    }

    fn refusal(&self, lines: Vec<RefusedLine>) -> RefusalCommand {
        RefusalCommand::Record {
            invoice: self.number.as_str().into(),
            lines,
        }
    }

    fn customer(&self) -> Option<CustomerId> {
        let named = self.lines.iter().find_map(|line| line.customer.as_deref());
        named.map(CustomerId::from)
    }

    fn country(&self) -> String {
        self.lines
            .first()
            .map(|line| line.country.clone())
            .unwrap_or_default()
    }

    /// The first line's: later lines of a long invoice are a minute or two younger.
    fn date(&self) -> DateTime<Utc> {
        self.lines
            .first()
            .map(|line| line.date.and_utc())
            .unwrap_or_default()
    }

    /// Number and content, but not where in which file they stood.
    fn command_id(&self) -> Uuid {
        let mut content = self.number.clone();
        for line in &self.lines {
            let customer = line.customer.as_deref().unwrap_or_default();
            // The checks let no control character into a cell, so these separate cells for sure.
            content.push_str(&format!(
                "\n{}\t{}\t{}\t{}\t{}\t{customer}\t{}",
                line.product, line.name, line.units, line.date, line.price, line.country
            ));
        }
        Uuid::new_v5(&COMMAND_IDS, content.as_bytes())
    }

    pub(super) fn check_size(&self) -> Result<(), FileError> {
        // JSON writes quotation marks and backslashes as two bytes.
        let bytes = self
            .lines
            .iter()
            .map(|line| LINE_OVERHEAD + 2 * line.text_bytes());
        match bytes.sum::<usize>() > MAX_PAYLOAD_BYTES {
            false => Ok(()),
            true => Err(FileError::InvoiceTooLong {
                line: self.lines.first().map_or(0, |line| line.number),
                invoice: self.number.clone(),
            }),
        }
    }
}

impl InvoiceLine {
    fn sale(&self) -> Result<Line, Reason> {
        let units = u32::try_from(self.units).map_err(|_| Reason::NegativeQuantity)?;
        if units == 0 {
            return Err(Reason::NoQuantity);
        }
        if self.price <= Decimal::ZERO {
            return Err(Reason::NoPrice);
        }
        Ok(Line {
            product: self.product.as_str().into(),
            name: self.name.clone(),
            units,
            price: self.price,
        })
    }

    fn credit(&self) -> CreditLine {
        CreditLine {
            product: self.product.as_str().into(),
            name: self.name.clone(),
            units: self.units,
            price: self.price,
        }
    }

    fn refused(&self, reason: Reason) -> RefusedLine {
        RefusedLine {
            line: self.number,
            reason,
            product: self.product.clone(),
            name: self.name.clone(),
            units: self.units,
            date: self.date,
            price: self.price,
            customer: self.customer.clone(),
            country: self.country.clone(),
        }
    }

    fn text_bytes(&self) -> usize {
        let customer = self.customer.as_ref().map_or(0, String::len);
        self.product.len() + self.name.len() + customer + self.country.len()
    }
}
