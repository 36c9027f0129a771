use cqrs::doc::Account;
use cqrs::prelude::*;

#[derive(Command, Clone)]
#[command(aggregate = Account)]
enum AccountCommand {}

impl Handle<AccountCommand> for Account {
    fn handle(&self, _: AccountCommand, _: &Context) -> Decision<Self> {
        Ok(vec![])
    }
}

fn main() {}
