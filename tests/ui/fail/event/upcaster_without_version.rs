use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId)]
enum AccountEvent {
    #[event(upcast(1 = lift))]
    Opened,
}

fn lift(old: serde_json::Value) -> Result<serde_json::Value, String> {
    Ok(old)
}

fn main() {}
