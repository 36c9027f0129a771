use cqrs::doc::{Account, AccountEvent, AccountId, NoFunds};
use cqrs::prelude::*;

#[derive(Command, Clone)]
#[command(aggregate = Account)]
enum AccountCommand {
    Close(Close),
}

#[derive(Aggregate, Default)]
#[aggregate(event = AccountEvent, rejection = NoFunds, name = "till")]
struct Till;

impl Apply for Till {
    fn apply(&mut self, _: AccountEvent) {}
}

#[derive(Command, Clone)]
#[command(aggregate = Till)]
struct Close {
    id: AccountId,
}

impl Handle<Close> for Till {
    fn handle(&self, _: Close, _: &Context) -> Decision<Self> {
        Ok(vec![])
    }
}

fn main() {}
