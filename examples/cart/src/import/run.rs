//! The import itself: the commands of many invoices at a time.

use std::error::Error;
use std::future::Future;

use chrono::{DateTime, Utc};
use cqrs::prelude::*;
use cqrs::{ExecuteError, Metadata};
use futures_util::{StreamExt, TryStreamExt, stream};
use uuid::Uuid;

use super::{ImportError, Invoice, InvoiceFile};

/// How many invoices are on their way at a time: what comes together is committed together.
const IN_FLIGHT: usize = 256;

/// Under which name the file stands in the metadata of what was imported.
const FILE: &str = "file";

/// Whether an event with this metadata was imported, rather than made by a customer.
pub fn is_imported(metadata: &Metadata) -> bool {
    metadata.get(FILE).is_some()
}

/// Whether an event with this metadata comes from the file of this name.
pub(crate) fn is_of(metadata: &Metadata, file: &str) -> bool {
    metadata.get(FILE).is_some_and(|name| name == file)
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// How many invoices it went through.
    pub invoices: u64,
    /// How many events were new.
    pub events_appended: u64,
    /// How many of the invoices are stored already with other content; their lines were refused.
    pub changed: u64,
}

/// Imports the invoices of a file until all are done or `stop` is ready.
///
/// What was begun is finished before it returns. `progress` is told the number of lines of each
/// invoice that is done.
///
/// # Errors
///
/// [`ImportError`] for the first invoice that the store does not take.
pub async fn run(
    app: &App,
    file: &InvoiceFile,
    stop: impl Future<Output = ()>,
    progress: impl Fn(u64),
) -> Result<Imported, ImportError> {
    let metadata = Metadata::default().with(FILE, file.name.as_str());
    let (metadata, progress) = (&metadata, &progress);
    stream::iter(&file.invoices)
        .take_until(stop)
        .map(|invoice| async move {
            let stored = store(app, invoice, metadata).await;
            progress(invoice.lines.len() as u64);
            stored.map_err(|source| ImportError {
                invoice: invoice.number.clone(),
                source,
            })
        })
        .buffer_unordered(IN_FLIGHT)
        .try_fold(Imported::default(), async |sum, one| Ok(sum.plus(one)))
        .await
}

impl Imported {
    fn plus(self, other: Self) -> Self {
        Self {
            invoices: self.invoices + other.invoices,
            events_appended: self.events_appended + other.events_appended,
            changed: self.changed + other.changed,
        }
    }
}

async fn store(app: &App, invoice: &Invoice, metadata: &Metadata) -> Result<Imported, Failure> {
    let plan = invoice.plan();
    let (id, date) = (plan.command_id, plan.date);
    let sender = Sender {
        app,
        date,
        metadata,
    };
    let mut done = Imported {
        invoices: 1,
        ..Imported::default()
    };
    let mut refusal = plan.refusal;
    let order = sender.send(id, plan.order).await?;
    let credit_note = sender.send(id, plan.credit_note).await?;
    for sent in [order, credit_note] {
        match sent {
            Sent::Events(events) => done.events_appended += events,
            Sent::NumberTaken => {
                done.changed = 1;
                refusal = Some(invoice.refuse_all());
            }
        }
    }
    let id = Uuid::new_v5(&id, b"refusal");
    if let Sent::Events(events) = sender.send(id, refusal).await? {
        done.events_appended += events;
    }
    Ok(done)
}

type Failure = Box<dyn Error + Send + Sync>;

/// What all commands of an invoice have in common.
struct Sender<'a> {
    app: &'a App,
    date: DateTime<Utc>,
    metadata: &'a Metadata,
}

enum Sent {
    /// So many events are new.
    Events(u64),
    /// Another invoice has this number.
    NumberTaken,
}

impl Sender<'_> {
    async fn send<C: Command>(&self, id: Uuid, command: Option<C>) -> Result<Sent, Failure>
    where
        C::Aggregate: Handle<C>,
    {
        let Some(command) = command else {
            return Ok(Sent::Events(0));
        };
        let execute = self.app.execute(command).with_id(id).occurred_at(self.date);
        match execute.metadata(self.metadata.clone()).await {
            Ok(receipt) if receipt.repeated => Ok(Sent::Events(0)),
            Ok(receipt) => Ok(Sent::Events(receipt.events)),
            Err(ExecuteError::AlreadyExists { .. }) => Ok(Sent::NumberTaken),
            Err(error) => Err(Box::new(error)),
        }
    }
}
