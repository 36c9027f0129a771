use cqrs::doc::{Account, AccountId};
use cqrs::prelude::*;

#[derive(Command, Clone)]
#[command(aggregate = Account)]
enum AccountCommand {
    #[command(name = "")]
    Open { id: AccountId },
}

impl Handle<AccountCommand> for Account {
    fn handle(&self, _: AccountCommand, _: &Context) -> Decision<Self> {
        Ok(vec![])
    }
}

fn main() {}
