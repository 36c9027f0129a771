use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId)]
enum AccountEvent {
    #[event(version = 2, upcast(0 = lift, 1 = lift))]
    Opened,
}

fn lift(value: serde_json::Value) -> Result<serde_json::Value, String> {
    Ok(value)
}

fn main() {}
