use cqrs::doc::{AccountEvent, NoFunds};
use cqrs::prelude::*;

#[derive(Aggregate)]
#[aggregate(event = AccountEvent, rejection = NoFunds)]
union Account {
    balance: u64,
}

impl Apply for Account {
    fn apply(&mut self, _: AccountEvent) {}
}

impl Default for Account {
    fn default() -> Self {
        Self { balance: 0 }
    }
}

fn main() {}
