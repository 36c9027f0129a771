use cqrs::doc::{Account, AccountId};
use cqrs::prelude::*;

#[derive(Command, Clone)]
#[command(aggregate = Account)]
enum AccountCommand {
    Open { id: AccountId },
    Close { id: AccountId },
}

fn main() {}
