use cqrs::doc::AccountEvent;
use cqrs::prelude::*;

#[derive(Event)]
#[event(transparent)]
struct BankEvent(AccountEvent);

fn main() {}
