use cqrs::doc::{Account, AccountId};
use cqrs::prelude::*;

#[derive(Command, Clone)]
#[command(aggregate = Account)]
struct Transfer {
    #[command(id)]
    from: AccountId,
    #[command(id)]
    to: AccountId,
}

impl Handle<Transfer> for Account {
    fn handle(&self, _: Transfer, _: &Context) -> Decision<Self> {
        Ok(vec![])
    }
}

fn main() {}
