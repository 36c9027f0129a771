use cqrs::doc::AccountId;
use cqrs::prelude::*;

#[derive(Projection)]
#[projection(name = "balances", events(cqrs::doc::AccountEvent))]
union Balance {
    account: std::mem::ManuallyDrop<AccountId>,
    owner: u64,
}

fn main() {}
