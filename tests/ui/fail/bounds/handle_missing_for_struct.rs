use cqrs::doc::{Account, AccountId};
use cqrs::prelude::*;

#[derive(Command, Clone)]
#[command(aggregate = Account)]
struct Close {
    id: AccountId,
}

fn main() {}
