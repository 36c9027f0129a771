//! Switching a mechanism off, to show that its loss is found: the children's stores are wrapped, the
//! framework stays as it is.

mod checkpoint;
mod command_id;
mod epoch;
mod events;
mod expected_version;
mod order;
mod swap;
mod views;

use std::sync::Arc;

use clap::ValueEnum;
use cqrs::store::Stores;

use self::events::AlteredEvents;
use self::views::{AlteredViews, Swap, Write};

/// What a promise rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mechanism {
    /// An append carries the version that was decided on.
    ExpectedVersion,
    /// A command that is sent again is recognised by its id.
    CommandId,
    /// A projection sees the events in the order of the log.
    Order,
    /// The checkpoint moves in the transaction that writes the rows.
    Checkpoint,
    /// A worker that was overtaken may not write any more.
    Epoch,
    /// Rows that were built anew answer only when they have come as far as the others.
    Swap,
    /// Readers stay behind whatever may still be written (on Postgres, in whose database it is taken out).
    Mark,
}

/// The stores, without the mechanism where one is named.
pub(crate) fn alter(mut stores: Stores, without: Option<Mechanism>) -> Stores {
    let events = AlteredEvents::new(stores.events.clone());
    let views = AlteredViews::new(stores.views.clone());
    match without {
        None | Some(Mechanism::Mark) => {}
        Some(Mechanism::ExpectedVersion) => {
            stores.events = Arc::new(events.appending(expected_version::expect_anything));
        }
        Some(Mechanism::CommandId) => {
            stores.events = Arc::new(events.appending(command_id::renew).forgetting_commands());
        }
        Some(Mechanism::Order) => stores.events = Arc::new(events.reading(order::reverse)),
        Some(Mechanism::Checkpoint) => {
            let write: Write = |table, page| Box::pin(checkpoint::write(table, page));
            stores.views = Arc::new(views.writing(write));
        }
        Some(Mechanism::Epoch) => {
            let write: Write = |table, page| Box::pin(epoch::write(table, page));
            stores.views = Arc::new(views.writing(write));
        }
        Some(Mechanism::Swap) => {
            let swap: Swap = |table, claim, instead| Box::pin(swap::swap(table, claim, instead));
            stores.views = Arc::new(views.swapping(swap));
        }
    }
    stores
}
