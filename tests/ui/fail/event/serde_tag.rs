use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId)]
#[serde(tag = "type")]
enum AccountEvent {
    Opened,
}

fn main() {}
