use cqrs::doc::AccountEvent;
use cqrs::prelude::*;

#[derive(Event)]
#[event(transparent)]
enum BankEvent {
    #[event(alias = "bank.account")]
    Account(AccountEvent),
}

fn main() {}
