use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId)]
enum AccountEvent {
    #[event(version = 5000000000)]
    Opened,
}

fn main() {}
