use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId, name(Opened = "opened"))]
enum AccountEvent {
    #[event(name = "opened")]
    Opened,
}

fn main() {}
