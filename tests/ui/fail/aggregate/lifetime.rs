use cqrs::doc::{AccountEvent, NoFunds};
use cqrs::prelude::*;

#[derive(Aggregate, Default)]
#[aggregate(event = AccountEvent, rejection = NoFunds)]
struct Account<'a> {
    owner: &'a str,
}

impl Apply for Account<'static> {
    fn apply(&mut self, _: AccountEvent) {}
}

fn main() {}
