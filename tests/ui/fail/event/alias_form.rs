use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId)]
enum AccountEvent {
    #[event(alias(upcast = lift))]
    Opened,
    #[event(alias(name = "shut", upcast))]
    Closed,
    #[event(alias)]
    Frozen,
    #[event(alias = "Melted!")]
    Thawed,
}

fn lift(old: serde_json::Value) -> Result<serde_json::Value, String> {
    Ok(old)
}

fn main() {}
