use cqrs::doc::{AccountEvent, AccountId};
use cqrs::prelude::*;

#[derive(Id)]
struct NoteId(u64);

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "note", id = NoteId)]
enum NoteEvent {
    Written,
}

#[derive(Projection, Clone)]
#[projection(name = "balances", events(AccountEvent, NoteEvent))]
struct Balance {
    account: AccountId,
    owner: String,
}

impl Project<AccountEvent> for Balance {
    fn project(_: &Recorded<AccountEvent>, _: &mut Rows<Self>) {}
}

fn main() {}
