use cqrs::prelude::*;

#[derive(Id)]
#[id(crat = cqrs)]
struct AccountId(String);

fn main() {}
