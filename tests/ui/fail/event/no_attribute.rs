use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
// `#[event(…)]` is forgotten
enum AccountEvent {
    Opened,
}

fn main() {}
