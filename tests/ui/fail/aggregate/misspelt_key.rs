use cqrs::doc::{AccountEvent, NoFunds};
use cqrs::prelude::*;

#[derive(Aggregate, Default)]
#[aggregate(evnt = AccountEvent, rejection = NoFunds)]
struct Account;

impl Apply for Account {
    fn apply(&mut self, _: AccountEvent) {}
}

fn main() {}
