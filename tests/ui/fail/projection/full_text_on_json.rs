use cqrs::doc::{AccountEvent, AccountId};
use cqrs::prelude::*;

#[derive(Projection, Clone)]
#[projection(name = "balances", events(AccountEvent), full_text(tags), json(tags))]
struct Balance {
    account: AccountId,
    tags: Vec<String>,
}

impl Project<AccountEvent> for Balance {
    fn project(_: &Recorded<AccountEvent>, _: &mut Rows<Self>) {}
}

fn main() {}
