use cqrs::doc::{AccountEvent, AccountId};
use cqrs::prelude::*;

#[derive(Projection, Clone)]
#[projection(name = "balances", events(AccountEvent, BankEvent))]
struct Balance {
    account: AccountId,
    owner: String,
}

impl Project<AccountEvent> for Balance {
    fn project(_: &Recorded<AccountEvent>, _: &mut Rows<Self>) {}
}

#[derive(Event)]
#[event(transparent)]
enum BankEvent {
    Account(AccountEvent),
}

impl Project<BankEvent> for Balance {
    fn project(_: &Recorded<BankEvent>, _: &mut Rows<Self>) {}
}

fn main() {}
