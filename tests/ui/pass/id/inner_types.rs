use cqrs::prelude::*;

#[derive(Id)]
struct AccountId(String);

#[derive(Id)]
struct OrderId(pub u64);

#[derive(Id)]
struct Signed(i32);

#[derive(Id)]
struct Token(uuid::Uuid);

#[derive(Id)]
#[id(crate = cqrs)]
struct Full(std::string::String);

#[derive(Id)]
struct Nested(AccountId);

fn main() {
    let (order, token) = (OrderId(7), Token(uuid::Uuid::nil()));
    let copied = (order, order, token, token);
    assert_eq!(copied.0, copied.1);
    let texts: (AccountId, Full) = ("ada".into(), "ada".into());
    assert_eq!(texts.0.to_string(), texts.1.to_string());
    assert_eq!(Nested::parse("ada").unwrap(), Nested(texts.0));
    assert_eq!(Signed::from(-1).to_string(), "-1");
}
