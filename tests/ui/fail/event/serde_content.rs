use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId)]
#[serde(tag = "type", content = "data")]
enum AccountEvent {
    Opened,
}

fn main() {}
