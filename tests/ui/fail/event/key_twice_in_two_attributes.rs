use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId)]
#[event(prefix = "bank")]
enum AccountEvent {
    Opened,
}

fn main() {}
