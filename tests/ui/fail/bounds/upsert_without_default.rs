use cqrs::doc::{AccountEvent, AccountId};
use cqrs::prelude::*;

#[derive(Projection, Clone)]
#[projection(name = "balances", events(AccountEvent))]
struct Balance {
    account: AccountId,
    first: AccountId,
}

impl Project<AccountEvent> for Balance {
    fn project(event: &Recorded<AccountEvent>, rows: &mut Rows<Self>) {
        rows.upsert(&event.id, |row| row.first = event.id.clone());
    }
}

fn main() {}
