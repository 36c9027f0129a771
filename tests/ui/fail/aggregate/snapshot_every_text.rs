use cqrs::doc::{AccountEvent, NoFunds};
use cqrs::prelude::*;

#[derive(Aggregate, Default, Serialize, Deserialize)]
#[aggregate(event = AccountEvent, rejection = NoFunds, snapshot_every = "100")]
struct Account {
    balance: u64,
}

impl Apply for Account {
    fn apply(&mut self, _: AccountEvent) {}
}

fn main() {}
