use cqrs::doc::{AccountEvent, AccountId};
use cqrs::prelude::*;
use rust_decimal::Decimal;

#[derive(Projection, Clone)]
#[projection(name = "balances", events(AccountEvent))]
struct Smallest {
    account: AccountId,
}

#[derive(Projection, Clone)]
#[projection(name = "reports", version = 3, events(cqrs::doc::AccountEvent), crate = cqrs)]
#[projection(key = account, index(owner, (owner, total)), json(tags), scale(total = 2))]
struct Container {
    owner: String,
    account: AccountId,
    total: Decimal,
    tags: Vec<String>,
    r#type: Option<i64>,
}

#[derive(Projection, Clone)]
#[projection(name = "fields", events(AccountEvent))]
struct Fields {
    #[projection(index, scale = 3)]
    total: Option<Decimal>,
    #[projection(key)]
    account: AccountId,
    #[projection(json)]
    tags: Vec<String>,
    ratio: f64,
    open: bool,
}

macro_rules! project {
    ($($row:ty),*) => {$(
        impl Project<AccountEvent> for $row {
            fn project(event: &Recorded<AccountEvent>, rows: &mut Rows<Self>) {
                rows.delete(&event.id);
            }
        }
    )*};
}

project!(Smallest, Container, Fields);

fn main() {
    // A function's body is a place for a projection too.
    #[derive(Projection, Clone)]
    #[projection(name = "local", events(AccountEvent))]
    struct Local {
        account: AccountId,
    }
    project!(Local);

    // Every column of an index is open to filters and orders.
    let _ = (Container::OWNER.eq("Ada"), Container::TOTAL.asc(), Local::ACCOUNT.asc());
    let _ = (Fields::TOTAL.is_null(), Fields::ACCOUNT.desc(), Container::TYPE, Container::TAGS);
}
