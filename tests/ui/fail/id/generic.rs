use cqrs::prelude::*;

#[derive(Id)]
struct AccountId<T>(T);

fn main() {}
