use cqrs::doc::{AccountEvent, AccountId};
use cqrs::prelude::*;

#[derive(Projection, Clone)]
#[projection(name = "balances", events(AccountEvent))]
struct Balance<'a> {
    account: AccountId,
    owner: &'a str,
}

impl Project<AccountEvent> for Balance<'static> {
    fn project(_: &Recorded<AccountEvent>, _: &mut Rows<Self>) {}
}

fn main() {}
