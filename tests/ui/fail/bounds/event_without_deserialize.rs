use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize)]
#[event(prefix = "account", id = AccountId)]
enum AccountEvent {
    Opened,
}

fn main() {}
