//! What derive(Id) does at run time.

use std::collections::{BTreeSet, HashMap};

use cqrs::prelude::*;
use cqrs::view::{ColumnKind, ColumnType, Value};

#[derive(Id)]
struct AccountId(String);

#[derive(Id)]
struct InvoiceNumber(u64);

fn copied<T: Copy>(value: T) -> (T, T) {
    (value, value)
}

#[test]
fn an_id_prints_as_its_inner_value() {
    let id = AccountId::from("ada");
    assert_eq!(id.to_string(), "ada");
    assert_eq!(format!("{id:?}"), r#"AccountId("ada")"#);
    assert_eq!(format!("{:>4}", InvoiceNumber(7)), "   7");
}

#[test]
fn an_id_is_parsed_and_says_what_does_not_fit() {
    assert_eq!(AccountId::parse("ada").unwrap(), "ada".into());
    assert_eq!("17".parse::<InvoiceNumber>().unwrap(), InvoiceNumber(17));
    let error = InvoiceNumber::parse("x").unwrap_err().to_string();
    assert_eq!(
        error,
        "`x` is not a `InvoiceNumber`: invalid digit found in string"
    );
}

#[test]
fn an_id_is_json_as_its_inner_value() {
    let id = AccountId::from("ada");
    assert_eq!(serde_json::to_string(&id).unwrap(), r#""ada""#);
    assert_eq!(
        serde_json::from_str::<InvoiceNumber>("7").unwrap(),
        InvoiceNumber(7)
    );
}

#[test]
fn an_id_compares_and_hashes_as_its_inner_value() {
    let sorted: BTreeSet<_> = [10, 9].map(InvoiceNumber).into();
    assert_eq!(sorted.first(), Some(&InvoiceNumber(9)));
    let by_id: HashMap<AccountId, u32> = [("ada".into(), 1)].into();
    assert_eq!(by_id.get(&"ada".into()), Some(&1));
    assert_eq!(copied(InvoiceNumber(1)).1, InvoiceNumber::from(1));
}

#[test]
fn an_id_is_a_column_as_its_inner_value() {
    assert_eq!(InvoiceNumber::KIND, ColumnKind::Integer);
    assert_eq!(
        AccountId::from("ada").to_value().unwrap(),
        Value::Text("ada".to_owned())
    );
    assert_eq!(
        InvoiceNumber::from_value(Value::Integer(7)).unwrap(),
        InvoiceNumber(7)
    );
    assert!(InvoiceNumber::from_value(Value::Null).is_err());
}
