use cqrs::doc::Account;
use cqrs::prelude::*;

#[derive(Command, Clone)]
#[command(aggregate = Account)]
enum AccountCommand {
    Close(Close),
}

#[derive(Clone)]
struct Close;

fn main() {}
