use cqrs::doc::{AccountEvent, NoFunds};
use cqrs::prelude::*;

#[derive(Aggregate, Default)]
#[aggregate(event = AccountEvent, rejection = NoFunds, name = "käufer")]
struct Account;

impl Apply for Account {
    fn apply(&mut self, _: AccountEvent) {}
}

fn main() {}
