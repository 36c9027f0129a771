use cqrs::doc::NoFunds;
use cqrs::prelude::*;

#[derive(Aggregate, Default)]
#[aggregate(event = AccountEvent, rejection = NoFunds)]
struct Account;

enum AccountEvent {
    Opened,
}

impl Apply for Account {
    fn apply(&mut self, _: AccountEvent) {}
}

fn main() {}
