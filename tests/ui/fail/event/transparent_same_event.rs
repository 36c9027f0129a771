use cqrs::doc::AccountEvent;
use cqrs::prelude::*;

#[derive(Event)]
#[event(transparent)]
enum BankEvent {
    Account(AccountEvent),
    Again(AccountEvent),
}

fn main() {}
