use cqrs::doc::AccountId;
use cqrs::prelude::*;

struct Note;

#[derive(Projection, Clone)]
#[projection(name = "balances", events(Note))]
struct Balance {
    account: AccountId,
}

fn main() {}
