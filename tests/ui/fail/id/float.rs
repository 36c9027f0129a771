use cqrs::prelude::*;

#[derive(Id)]
struct AccountId(f64);

fn main() {}
