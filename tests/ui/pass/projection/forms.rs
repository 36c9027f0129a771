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
#[projection(key = account, index(owner, (owner, total)), json(tags), scale(total = 2), full_text(owner, note))]
struct Container {
    owner: String,
    account: AccountId,
    total: Decimal,
    tags: Vec<String>,
    r#type: Option<i64>,
    note: Option<String>,
}

#[derive(Projection, Clone)]
#[projection(name = "fields", events(AccountEvent))]
struct Fields {
    #[projection(index, scale = 3)]
    total: Option<Decimal>,
    #[projection(key, full_text)]
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
    // Full text is on texts, newtypes over texts and optional ones.
    let _ = async |app: cqrs::App| {
        let hits = app.view::<Container>().search("ada").filter(Container::OWNER.eq("Ada")).best(20).await?;
        let _ = (hits[0].highlight(Container::NOTE), hits[0].highlight(Container::OWNER));
        let hits = app.view::<Fields>().search(String::from("ada")).best(20).await?;
        let _ = hits[0].highlight(Fields::ACCOUNT);
        Ok::<_, cqrs::QueryError>(())
    };
    let _ = (Fields::TOTAL.is_null(), Fields::ACCOUNT.desc(), Container::TYPE, Container::TAGS);
}
