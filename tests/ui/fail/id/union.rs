use cqrs::prelude::*;

#[derive(Id)]
union AccountId {
    number: u64,
    letter: char,
}

fn main() {}
