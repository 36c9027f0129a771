use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix =, id = AccountId)]
enum AccountEvent {
    Opened,
}

fn main() {}
