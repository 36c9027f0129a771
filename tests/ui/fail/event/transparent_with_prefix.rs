use cqrs::doc::AccountEvent;
use cqrs::prelude::*;

#[derive(Event)]
#[event(transparent, prefix = "bank")]
enum BankEvent {
    Account(AccountEvent),
}

fn main() {}
