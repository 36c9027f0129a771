use cqrs::doc::{Account, AccountId};
use cqrs::prelude::*;

#[derive(Command, Clone)]
#[command(agregate = Account, creates(Opne, Close), may_create(Close))]
enum AccountCommand {
    Open {
        #[command(id)]
        id: AccountId,
        #[command(id)]
        other: AccountId,
    },
    #[command(nmae = "open")]
    Close { id: AccountId },
    Rename(String),
    Freeze,
}

impl Handle<AccountCommand> for Account {
    fn handle(&self, _: AccountCommand, _: &Context) -> Decision<Self> {
        Ok(vec![])
    }
}

async fn used(app: App, id: AccountId) {
    let _ = app.execute(AccountCommand::Close { id }).await;
}

fn main() {}
