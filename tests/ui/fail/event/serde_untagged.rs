use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId)]
#[serde(untagged)]
enum AccountEvent {
    Opened,
}

fn main() {}
