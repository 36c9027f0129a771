use cqrs::doc::Account;
use cqrs::prelude::*;

#[derive(Id)]
struct OwnerId(String);

#[derive(Command, Clone)]
#[command(aggregate = Account)]
enum AccountCommand {
    Open { owner: OwnerId },
}

impl Handle<AccountCommand> for Account {
    fn handle(&self, _: AccountCommand, _: &Context) -> Decision<Self> {
        Ok(vec![])
    }
}

fn main() {}
