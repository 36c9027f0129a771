use cqrs::doc::NoFunds;
use cqrs::prelude::*;

#[derive(Aggregate, Default)]
#[aggregate(rejection = NoFunds)]
struct Account;

fn main() {}
