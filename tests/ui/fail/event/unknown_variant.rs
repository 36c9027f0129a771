use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId, name(Openned = "opened"))]
enum AccountEvent {
    Opened,
}

fn main() {}
