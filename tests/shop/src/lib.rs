//! The shop of the guide's first page, with all that is public and the derives that comparing needs.

#![allow(missing_docs)]

use cqrs::prelude::*;
use {CartCommand::*, CartEvent::*};

#[derive(Id)]
pub struct CartId(String);

#[derive(Event, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[event(prefix = "cart", id = CartId)]
pub enum CartEvent {
    ItemAdded {
        product: String,
        units: u32,
        cents: u64,
    },
    CheckedOut,
}

#[derive(Aggregate, Default, Clone, Debug, PartialEq)]
#[aggregate(event = CartEvent, rejection = CartRejection)]
pub struct Cart {
    pub units: u32,
    pub checked_out: bool,
}

impl Apply for Cart {
    fn apply(&mut self, event: CartEvent) {
        match event {
            ItemAdded { units, .. } => self.units += units,
            CheckedOut => self.checked_out = true,
        }
    }
}

#[derive(thiserror::Error, Clone, Debug, PartialEq)]
pub enum CartRejection {
    #[error("the cart is checked out")]
    CheckedOut,
    #[error("a cart takes 1 to 20 units, and this one has {0}")]
    Units(u32),
}

#[derive(Command, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[command(aggregate = Cart, may_create(AddItem))]
pub enum CartCommand {
    AddItem {
        cart: CartId,
        product: String,
        units: u32,
        cents: u64,
    },
    CheckOut {
        cart: CartId,
    },
}

impl Handle<CartCommand> for Cart {
    fn handle(&self, command: CartCommand, _: &Context) -> Decision<Self> {
        ensure(!self.checked_out, CartRejection::CheckedOut)?;
        match command {
            AddItem {
                product,
                units,
                cents,
                ..
            } => {
                let fits = (1..=20 - self.units).contains(&units);
                ensure(fits, CartRejection::Units(self.units))?;
                Ok(vec![ItemAdded {
                    product,
                    units,
                    cents,
                }])
            }
            CheckOut { .. } => Ok(vec![CheckedOut]),
        }
    }
}

#[derive(Projection, Clone, Debug, PartialEq)]
#[projection(name = "carts", events(CartEvent), index(total))]
pub struct CartOverview {
    pub cart: CartId,
    pub units: u32,
    pub total: u64,
    pub checked_out: bool,
}

impl Project<CartEvent> for CartOverview {
    fn project(event: &Recorded<CartEvent>, rows: &mut Rows<Self>) {
        match &event.data {
            ItemAdded { units, cents, .. } => rows.upsert(&event.id, |row| {
                row.units += units;
                row.total += u64::from(*units) * cents;
            }),
            CheckedOut => rows.update(&event.id, |row| row.checked_out = true),
        }
    }
}
