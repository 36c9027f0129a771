use cqrs::doc::{AccountEvent, AccountId};
use cqrs::prelude::*;

fn used() {
    let _ = Balance::OWNER.eq("Ada");
    let _ = Balance::BALANCE.desc();
}

#[derive(Projection, Clone)]
#[projection(name = "balances", events(AccountEvent), index(owner))]
struct Balance {
    account: AccountId,
    owner: String,
    balance: u64,
}

impl Project<AccountEvent> for Balance {
    fn project(_: &Recorded<AccountEvent>, _: &mut Rows<Self>) {}
}

fn main() {}
