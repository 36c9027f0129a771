use cqrs::doc::{Account, AccountId};
use cqrs::prelude::*;

#[derive(Command, Clone)]
#[command(aggregate = Account)]
struct Open<T> {
    id: AccountId,
    owner: T,
}

fn main() {}
