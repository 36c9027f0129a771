use cqrs::doc::{Account, AccountId};
use cqrs::prelude::*;

#[derive(Command, Clone)]
#[command(aggregate = Account)]
struct Open<'a> {
    id: AccountId,
    owner: &'a str,
}

impl Handle<Open<'static>> for Account {
    fn handle(&self, _: Open<'static>, _: &Context) -> Decision<Self> {
        Ok(vec![])
    }
}

fn main() {}
