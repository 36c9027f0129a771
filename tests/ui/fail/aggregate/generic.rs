use cqrs::doc::{AccountEvent, NoFunds};
use cqrs::prelude::*;

#[derive(Aggregate, Default)]
#[aggregate(event = AccountEvent, rejection = NoFunds)]
struct Account<T>(T);

fn main() {}
