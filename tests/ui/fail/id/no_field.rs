use cqrs::prelude::*;

#[derive(Id)]
struct AccountId;

fn main() {}
