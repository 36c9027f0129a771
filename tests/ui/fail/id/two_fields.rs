use cqrs::prelude::*;

#[derive(Id)]
struct AccountId(String, String);

fn main() {}
