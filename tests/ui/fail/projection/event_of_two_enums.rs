use cqrs::doc::{AccountEvent, AccountId};
use cqrs::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "account", id = AccountId)]
enum OpeningEvent {
    Opened { owner: String },
}

#[derive(Projection, Clone)]
#[projection(name = "balances", events(AccountEvent, OpeningEvent))]
struct Balance {
    account: AccountId,
}

impl Project<AccountEvent> for Balance {
    fn project(_: &Recorded<AccountEvent>, _: &mut Rows<Self>) {}
}

impl Project<OpeningEvent> for Balance {
    fn project(_: &Recorded<OpeningEvent>, _: &mut Rows<Self>) {}
}

fn main() {}
