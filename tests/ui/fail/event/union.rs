use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Clone, Copy)]
#[event(prefix = "account", id = AccountId)]
union Opened {
    amount: u64,
}

fn main() {}
