use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId)]
enum AccountEvent {
    #[event(version = 3, upcast(2 = lift))]
    Opened,
}

fn lift(old: serde_json::Value) -> Result<serde_json::Value, String> {
    Ok(old)
}

fn main() {}
