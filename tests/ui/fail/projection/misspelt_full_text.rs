use cqrs::doc::{AccountEvent, AccountId};
use cqrs::prelude::*;

#[derive(Projection, Clone)]
#[projection(name = "balances", events(AccountEvent))]
struct Balance {
    account: AccountId,
    #[projection(fulltext)]
    owner: String,
}

impl Project<AccountEvent> for Balance {
    fn project(_: &Recorded<AccountEvent>, _: &mut Rows<Self>) {}
}

async fn used(app: App) {
    let hits = app.view::<Balance>().search("ada").best(20).await.unwrap();
    let _ = hits[0].highlight(Balance::OWNER);
}

fn main() {}
