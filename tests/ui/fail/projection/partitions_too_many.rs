use cqrs::doc::{AccountEvent, AccountId};
use cqrs::prelude::*;

#[derive(Projection, Clone)]
#[projection(name = "balances", partitions = 257, events(AccountEvent))]
struct Balance {
    account: AccountId,
    owner: String,
}

impl Project<AccountEvent> for Balance {
    fn project(_: &Recorded<AccountEvent>, _: &mut Rows<Self>) {}
}

fn main() {}
