use cqrs::doc::{AccountEvent, AccountId};
use cqrs::prelude::*;

#[derive(Projection, Clone)]
#[projection(name = "balances", events(AccountEvent))]
struct Balance<T> {
    account: AccountId,
    owner: T,
}

impl<T> Project<AccountEvent> for Balance<T>
where
    Balance<T>: Projection,
{
    fn project(_: &Recorded<AccountEvent>, _: &mut Rows<Self>) {}
}

fn main() {}
