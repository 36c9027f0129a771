use cqrs::doc::{AccountEvent, AccountId, NoFunds};
use cqrs::prelude::*;

#[derive(Aggregate, Default)]
#[aggregate(evnt = AccountEvent, rejection = NoFunds, name = "", rejection = NoFunds)]
struct Account;

impl Apply for Account {
    fn apply(&mut self, _: AccountEvent) {}
}

#[derive(Command, Clone)]
#[command(aggregate = Account)]
struct Close {
    id: AccountId,
}

impl Handle<Close> for Account {
    fn handle(&self, _: Close, _: &Context) -> Decision<Self> {
        Err(NoFunds(0, 0))
    }
}

fn main() {}
