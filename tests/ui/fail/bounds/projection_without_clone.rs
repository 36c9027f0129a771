use cqrs::doc::{AccountEvent, AccountId};
use cqrs::prelude::*;

#[derive(Projection)]
#[projection(name = "balances", events(AccountEvent))]
struct Balance {
    account: AccountId,
}

impl Project<AccountEvent> for Balance {
    fn project(_: &Recorded<AccountEvent>, _: &mut Rows<Self>) {}
}

fn main() {}
