use cqrs::doc::{Account, AccountId};
use cqrs::prelude::*;

#[derive(Command, Clone)]
#[command(aggregate = Account)]
enum AccountCommand {
    Inner(Inner),
}

#[derive(Command, Clone)]
#[command(aggregate = Account)]
enum Inner {
    Close { id: AccountId },
}

impl Handle<Inner> for Account {
    fn handle(&self, _: Inner, _: &Context) -> Decision<Self> {
        Ok(vec![])
    }
}

fn main() {}
