use cqrs::doc::{Account, AccountId};
use cqrs::prelude::*;

#[derive(Command, Clone)]
#[command(aggregate = Account, creates(Open), may_create(Touch), name(Close = "shut"))]
enum Listed {
    Open { id: AccountId },
    Touch { id: AccountId },
    Close { id: AccountId },
}

#[derive(Command, Clone)]
#[command(aggregate = cqrs::doc::Account, crate = cqrs)]
enum Marked {
    #[command(creates, name = "open")]
    First { id: AccountId },
    #[command(may_create)]
    r#Move {
        amount: u64,
        #[command(id)]
        r#type: AccountId,
    },
}

#[derive(Command, Clone)]
#[command(aggregate = Account, creates, name = "begin")]
struct Begin {
    id: AccountId,
}

#[derive(Command, Clone)]
#[command(aggregate = Account)]
#[command(may_create)]
struct Transfer {
    amount: u64,
    #[command(id)]
    from: AccountId,
}

#[derive(Command, Clone)]
#[command(aggregate = Account)]
enum Delegating {
    Begin(Begin),
    Transfer(self::Transfer),
}

macro_rules! handle {
    ($($command:ty),*) => {$(
        impl Handle<$command> for Account {
            fn handle(&self, _: $command, _: &Context) -> Decision<Self> {
                Ok(vec![])
            }
        }
    )*};
}

handle!(Listed, Marked, Begin, Transfer);

fn main() {
    assert_eq!(<Listed as cqrs::Command>::NAMES, ["open", "touch", "shut"]);
    assert_eq!(<Marked as cqrs::Command>::NAMES, ["open", "move"]);
    assert_eq!(<Delegating as cqrs::Command>::NAMES, ["begin", "transfer"]);
}
