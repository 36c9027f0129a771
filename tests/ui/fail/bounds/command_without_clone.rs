use cqrs::doc::{Account, AccountId};
use cqrs::prelude::*;

#[derive(Command)]
#[command(aggregate = Account)]
struct Close {
    id: AccountId,
}

impl Handle<Close> for Account {
    fn handle(&self, _: Close, _: &Context) -> Decision<Self> {
        Ok(vec![])
    }
}

fn main() {}
