use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId)]
enum AccountEvent {
    #[event(alias(name = "shut", upcast = lift))]
    Closed,
}

fn lift(old: String) -> String {
    old
}

fn main() {}
