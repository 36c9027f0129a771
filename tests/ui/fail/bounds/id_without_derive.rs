use cqrs::prelude::*;

struct AccountId(String);

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId)]
enum AccountEvent {
    Opened,
}

fn main() {}
