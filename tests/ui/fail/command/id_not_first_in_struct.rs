use cqrs::doc::{Account, AccountId};
use cqrs::prelude::*;

#[derive(Command, Clone)]
#[command(aggregate = Account)]
struct Open {
    owner: String,
    id: AccountId,
}

impl Handle<Open> for Account {
    fn handle(&self, _: Open, _: &Context) -> Decision<Self> {
        Ok(vec![])
    }
}

fn main() {}
