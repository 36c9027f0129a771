use cqrs::prelude::*;

#[derive(Id)]
struct AccountId {
    text: String,
}

fn main() {}
