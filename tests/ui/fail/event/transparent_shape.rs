use cqrs::doc::AccountEvent;
use cqrs::prelude::*;

#[derive(Event)]
#[event(transparent)]
enum BankEvent {
    Account { event: AccountEvent },
}

fn main() {}
