use cqrs::doc::AccountEvent;
use cqrs::prelude::*;

#[derive(Aggregate, Default)]
#[aggregate(event = AccountEvent, rejection = NoFunds)]
struct Account;

struct NoFunds;

impl Apply for Account {
    fn apply(&mut self, _: AccountEvent) {}
}

fn main() {}
