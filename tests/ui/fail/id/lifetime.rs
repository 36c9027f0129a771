use cqrs::prelude::*;

#[derive(Id)]
struct AccountId<'a>(&'a str);

fn main() {}
