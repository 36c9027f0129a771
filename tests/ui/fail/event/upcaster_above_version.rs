use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId)]
enum AccountEvent {
    #[event(version = 2, upcast(1 = lift, 2 = lift))]
    Opened,
}

fn lift(old: serde_json::Value) -> Result<serde_json::Value, String> {
    Ok(old)
}

fn main() {}
