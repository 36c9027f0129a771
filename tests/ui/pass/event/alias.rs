use cqrs::Event;
use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId)]
#[event(alias(Opened(name = "created", upcast = lift), Closed = "shut"))]
enum AccountEvent {
    #[event(alias = "ledger.begun", version = 2, upcast(1 = lift))]
    Opened,
    #[event(alias = "ended", alias = "left")]
    Closed,
}

fn lift(old: serde_json::Value) -> Result<serde_json::Value, String> {
    Ok(old)
}

fn main() {
    let names = AccountEvent::TYPES.iter().map(|known| known.name);
    let expected = [
        "account.opened",
        "account.created",
        "ledger.begun",
        "account.closed",
        "account.shut",
        "account.ended",
        "account.left",
    ];
    assert_eq!(names.collect::<Vec<_>>(), expected);
}
