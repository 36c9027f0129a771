use cqrs::doc::AccountEvent;
use cqrs::prelude::*;

#[derive(Aggregate, Default)]
#[aggregate(event = AccountEvent)]
struct Account;

impl Apply for Account {
    fn apply(&mut self, _: AccountEvent) {}
}

fn main() {}
