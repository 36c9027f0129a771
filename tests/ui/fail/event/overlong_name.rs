use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId)]
enum AccountEvent {
    #[event(name = "opened_opened_opened_opened_opened_opened_opened_opened_opened_opened_opened_opened_opened_opened_opened_opened_opened_opened_opened_opened_x")]
    Opened,
}

fn main() {}
