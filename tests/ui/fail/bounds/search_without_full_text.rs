use cqrs::doc::{AccountEvent, AccountId};
use cqrs::prelude::*;

#[derive(Projection, Clone)]
#[projection(name = "balances", events(AccountEvent))]
struct Balance {
    account: AccountId,
    owner: String,
}

impl Project<AccountEvent> for Balance {
    fn project(_: &Recorded<AccountEvent>, _: &mut Rows<Self>) {}
}

async fn used(app: App) {
    let _ = app.view::<Balance>().search("ada").best(20).await;
}

fn main() {}
