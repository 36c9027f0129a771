//! What derive(Event) does at run time.

use cqrs::event::{DecodeError, EncodedEvent};
use cqrs::prelude::*;
use cqrs::{AnyId, Event};
use serde_json::Value;

#[derive(Id)]
struct AccountId(String);

#[derive(Event, Serialize, Deserialize, Debug, PartialEq)]
#[event(prefix = "account", id = AccountId)]
#[event(name(Closed = "shut"), version(Opened = 3), upcast(Opened(1 = rename, 2 = count)))]
enum AccountEvent {
    Opened {
        #[serde(rename = "o")]
        owner: String,
        count: u32,
    },
    Closed,
    #[event(name = "ledger.noted")]
    Noted(String, u32),
    HTTPCalled(Vec<u8>),
}

fn rename(mut old: Value) -> Result<Value, String> {
    old["o"] = old.get_mut("owner").ok_or("no owner")?.take();
    Ok(old)
}

fn count(mut old: Value) -> Result<Value, String> {
    old["count"] = 1.into();
    Ok(old)
}

#[derive(Id)]
struct OrderId(u64);

#[derive(Event, Serialize, Deserialize, Debug, PartialEq)]
#[event(prefix = "order", id = OrderId)]
enum OrderEvent {
    Placed,
}

#[derive(Event, Debug, PartialEq)]
#[event(transparent)]
enum ShopEvent {
    Account(AccountEvent),
    Order(OrderEvent),
}

fn encoded<'a>(name: &'a str, schema_version: u32, payload: &'a str) -> EncodedEvent<'a> {
    EncodedEvent {
        name,
        schema_version,
        payload,
    }
}

#[test]
fn names_and_versions_are_the_stored_ones() {
    let types = AccountEvent::TYPES
        .iter()
        .map(|known| (known.name, known.version));
    let expected = [
        ("account.opened", 3),
        ("account.shut", 1),
        ("ledger.noted", 1),
        ("account.http_called", 1),
    ];
    assert_eq!(types.collect::<Vec<_>>(), expected);
    assert_eq!(AccountEvent::PREFIX, Some("account"));
    assert_eq!(AccountEvent::Closed.event_type().name, "account.shut");
}

#[test]
fn the_payload_is_the_content_alone_and_reads_back() {
    let opened = AccountEvent::Opened {
        owner: "Ada".to_owned(),
        count: 2,
    };
    let noted = AccountEvent::Noted("x".to_owned(), 1);
    let pairs = [
        (opened, r#"{"o":"Ada","count":2}"#),
        (AccountEvent::Closed, "{}"),
        (noted, r#"["x",1]"#),
        (AccountEvent::HTTPCalled(vec![1]), "[1]"),
    ];
    for (event, payload) in pairs {
        assert_eq!(event.encode().unwrap(), payload);
        let known = event.event_type();
        let read = AccountEvent::decode(encoded(known.name, known.version, payload)).unwrap();
        assert_eq!(read, Some(event));
    }
}

#[test]
fn an_old_payload_is_lifted_step_by_step() {
    let read = AccountEvent::decode(encoded("account.opened", 1, r#"{"owner":"Ada"}"#)).unwrap();
    assert_eq!(
        read,
        Some(AccountEvent::Opened {
            owner: "Ada".to_owned(),
            count: 1
        })
    );
    let failed = AccountEvent::decode(encoded("account.opened", 1, "{}")).unwrap_err();
    assert!(failed.to_string().contains("no owner"), "{failed}");
    let newer = AccountEvent::decode(encoded("account.opened", 4, "{}")).unwrap_err();
    assert!(matches!(newer, DecodeError::NewerVersion { known: 3, .. }));
}

#[test]
fn an_unknown_name_is_another_enums() {
    assert_eq!(
        AccountEvent::decode(encoded("order.placed", 1, "{}")).unwrap(),
        None
    );
}

#[test]
fn enums_compose() {
    assert_eq!(ShopEvent::PREFIX, None);
    assert_eq!(ShopEvent::TYPES.len(), 5);
    let placed = ShopEvent::Order(OrderEvent::Placed);
    assert_eq!(placed.event_type().name, "order.placed");
    assert_eq!(placed.encode().unwrap(), "{}");
    let read = ShopEvent::decode(encoded("order.placed", 1, "{}")).unwrap();
    assert_eq!(read, Some(placed));
    assert_eq!(
        ShopEvent::stream_id("order", "7").unwrap(),
        AnyId::new("order", "7")
    );
    assert_eq!(OrderEvent::stream_id("order", "7").unwrap(), OrderId(7));
}
