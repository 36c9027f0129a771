use cqrs::doc::{AccountEvent, AccountId};
use cqrs::prelude::*;

#[derive(Projection, Clone)]
#[projection(nmae = "Balances", events(AccountEvent), index(ownr), key = account, version = 0)]
struct Balance {
    account: Option<AccountId>,
    owner: String,
    #[projection(idnex, json = true)]
    rowid: i64,
}

impl Project<AccountEvent> for Balance {
    fn project(event: &Recorded<AccountEvent>, rows: &mut Rows<Self>) {
        rows.upsert(&Some(event.id.clone()), |row| row.owner = String::new());
        rows.update_where(Self::OWNER, "Ada", |row| row.rowid += 1);
    }
}

fn main() {}
