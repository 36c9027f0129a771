use cqrs::doc::AccountEvent;
use cqrs::prelude::*;

#[derive(Event)]
#[event(transparent)]
enum BankEvent {
    #[event(version = 2)]
    Account(AccountEvent),
}

fn main() {}
