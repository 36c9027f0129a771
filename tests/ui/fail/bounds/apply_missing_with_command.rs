use cqrs::doc::{AccountEvent, AccountId, NoFunds};
use cqrs::prelude::*;

#[derive(Aggregate, Default)]
#[aggregate(event = AccountEvent, rejection = NoFunds)]
struct Account;

#[derive(Command, Clone)]
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
