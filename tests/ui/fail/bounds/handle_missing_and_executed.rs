use cqrs::doc::{Account, AccountId};
use cqrs::prelude::*;

#[derive(Command, Clone)]
#[command(aggregate = Account)]
struct Close {
    id: AccountId,
}

async fn used(app: App, id: AccountId) {
    let _ = app.execute(Close { id }).await;
}

fn main() {}
