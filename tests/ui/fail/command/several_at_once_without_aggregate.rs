use cqrs::doc::{Account, AccountId};
use cqrs::prelude::*;

#[derive(Command, Clone)]
#[command(creates)]
enum AccountCommand {
    Open { id: AccountId },
}

impl Handle<AccountCommand> for Account {
    fn handle(&self, _: AccountCommand, _: &Context) -> Decision<Self> {
        Ok(vec![])
    }
}

async fn used(app: App, id: AccountId) {
    let _ = app.execute(AccountCommand::Open { id }).await;
}

fn main() {}
