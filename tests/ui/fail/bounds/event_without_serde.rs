use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event)]
#[event(prefix = "account", id = AccountId)]
enum AccountEvent {
    Opened,
    Closed,
}

fn main() {}
