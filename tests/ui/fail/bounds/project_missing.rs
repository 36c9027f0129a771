use cqrs::doc::{AccountEvent, AccountId};
use cqrs::prelude::*;

#[derive(Projection, Clone)]
#[projection(name = "balances", events(AccountEvent))]
struct Balance {
    account: AccountId,
    owner: String,
}

fn main() {}
