use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId)]
enum AccountEvent {
    #[event(version = 2, upcast(1 = |value| value))]
    Opened,
}

fn main() {}
