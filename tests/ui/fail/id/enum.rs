use cqrs::prelude::*;

#[derive(Id)]
enum AccountId {
    Text(String),
}

fn main() {}
