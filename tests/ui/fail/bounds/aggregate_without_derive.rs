use cqrs::doc::AccountId;
use cqrs::prelude::*;

struct Account;

#[derive(Command, Clone)]
#[command(aggregate = Account)]
struct Close {
    id: AccountId,
}

fn main() {}
