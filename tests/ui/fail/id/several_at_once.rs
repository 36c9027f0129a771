use cqrs::prelude::*;

#[derive(Id)]
#[id(krate = cqrs, crate = "cqrs")]
struct AccountId<'a>(&'a str, u32);

fn used(id: AccountId<'static>) -> String {
    let mut ids = vec![id.clone(), AccountId::parse("ada").unwrap()];
    ids.sort();
    format!("{:?} {}", ids, id)
}

fn main() {}
