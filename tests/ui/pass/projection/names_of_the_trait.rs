//! Columns called as the trait's own constants: the row's constant is the column.

use cqrs::doc::{AccountEvent, AccountId};
use cqrs::prelude::*;

#[derive(Projection, Clone)]
#[projection(name = "names", events(AccountEvent), index(name))]
struct Names {
    account: AccountId,
    name: String,
    events: u32,
}

impl Project<AccountEvent> for Names {
    fn project(event: &Recorded<AccountEvent>, rows: &mut Rows<Self>) {
        rows.upsert(&event.id, |row| row.events += 1);
    }
}

fn main() {
    let _ = (Names::NAME.eq("Ada"), Names::EVENTS);
    assert_eq!(<Names as Projection>::NAME, "names");
}
