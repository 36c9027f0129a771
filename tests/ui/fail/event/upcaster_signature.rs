use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId)]
enum AccountEvent {
    #[event(version = 2, upcast(1 = lift))]
    Opened,
}

fn lift(old: serde_json::Value) -> serde_json::Value {
    old
}

fn main() {}
