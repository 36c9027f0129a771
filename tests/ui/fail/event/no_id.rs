use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account")]
enum AccountEvent {
    Opened,
}

fn main() {}
