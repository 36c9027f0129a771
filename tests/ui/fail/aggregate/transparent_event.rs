use cqrs::doc::{AccountEvent, NoFunds};
use cqrs::prelude::*;

#[derive(Event)]
#[event(transparent)]
enum BankEvent {
    Account(AccountEvent),
}

#[derive(Aggregate, Default)]
#[aggregate(event = BankEvent, rejection = NoFunds)]
struct Bank;

impl Apply for Bank {
    fn apply(&mut self, _: BankEvent) {}
}

fn main() {}
