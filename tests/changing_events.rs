//! Events that changed since they were stored: each reads as one event of today, at every reader.
//!
//! The old forms are files in `fixtures/events`. They are never edited: they are what a log holds.

#![allow(missing_debug_implementations, missing_docs, clippy::unwrap_used)]

use std::path::Path;

use cqrs::RetryPolicy;
use cqrs::event::DecodeError;
use cqrs::prelude::*;
use cqrs::projection::ProjectionOptions;
use cqrs::sqlite::Sqlite;
use cqrs::store::{Append, NewEvent, Stores, StreamWrite};
use cqrs::{Event, Expected, LoadError, Position, StreamId};
use serde_json::Value;

#[derive(Id)]
pub struct AccountId(String);

#[derive(Event, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[event(prefix = "account", id = AccountId)]
pub enum AccountEvent {
    /// Version 1 called the owner `name`; version 2 had a country, of which the currency is made.
    #[event(version = 3, upcast(1 = name_to_owner, 2 = country_to_currency))]
    Opened { owner: String, currency: String },
    /// Once `Deposited`, which it is still stored as. The event `InterestPaid` became part of it.
    #[event(name = "deposited", version = 2, upcast(1 = deposit))]
    #[event(alias(name = "interest_paid", upcast = interest))]
    Credited { amount: u64, reason: String },
    /// Once `Shut`, and stored under the new name since.
    #[event(alias = "shut")]
    Closed,
}

fn name_to_owner(mut opened: Value) -> Result<Value, String> {
    opened["owner"] = opened.get_mut("name").ok_or("no name")?.take();
    Ok(opened)
}

fn country_to_currency(mut opened: Value) -> Result<Value, String> {
    let country = opened["country"].as_str().ok_or("no country")?;
    let currency = if country == "GB" { "GBP" } else { "EUR" };
    opened["currency"] = currency.into();
    Ok(opened)
}

fn deposit(mut deposited: Value) -> Result<Value, String> {
    if deposited.get("reason").is_none() {
        deposited["reason"] = "deposit".into();
    }
    Ok(deposited)
}

fn interest(paid: Value) -> Result<Value, String> {
    let amount = paid.get(0).ok_or("no amount")?;
    Ok(serde_json::json!({ "amount": amount, "reason": "interest" }))
}

/// Keeps the events as they were read.
#[derive(Aggregate, Default, Clone)]
#[aggregate(event = AccountEvent, rejection = std::convert::Infallible)]
pub struct Account {
    read: Vec<AccountEvent>,
}

impl Apply for Account {
    fn apply(&mut self, event: AccountEvent) {
        self.read.push(event);
    }
}

#[derive(Command, Clone)]
#[command(aggregate = Account, may_create)]
pub struct Close {
    account: AccountId,
}

impl Handle<Close> for Account {
    fn handle(&self, _: Close, _: &Context) -> Decision<Self> {
        Ok(vec![AccountEvent::Closed])
    }
}

/// Keeps the events as they were projected.
#[derive(Projection, Clone)]
#[projection(name = "accounts", events(AccountEvent), json(read))]
pub struct AccountRow {
    account: AccountId,
    read: Vec<AccountEvent>,
}

impl Project<AccountEvent> for AccountRow {
    fn project(event: &Recorded<AccountEvent>, rows: &mut Rows<Self>) {
        rows.upsert(&event.id, |row| row.read.push(event.data.clone()));
    }
}

#[derive(Deserialize)]
struct Fixture {
    name: String,
    schema_version: u32,
    payload: Value,
    reads_as: AccountEvent,
}

fn fixtures() -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/events");
    let files = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    let texts = files
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap());
    texts
        .map(|text| serde_json::from_str(&text).unwrap())
        .collect()
}

fn stored(name: &str, schema_version: u32, payload: &str) -> NewEvent {
    let mut event = NewEvent::encode(&AccountEvent::Closed).unwrap();
    event.name = name.to_owned().into();
    event.schema_version = schema_version;
    event.payload = payload.to_owned();
    event
}

fn ada() -> StreamId {
    StreamId::new("account", "ada").unwrap()
}

async fn append(app: &App, events: Vec<NewEvent>) -> Position {
    let mut append = Append::new("import");
    let write = StreamWrite::new(ada(), Expected::Any, events);
    append.writes.push(write);
    app.append_all(append).await.unwrap().position
}

async fn app(stores: Stores) -> App {
    let options = ProjectionOptions::default().retry(RetryPolicy::none());
    let app = App::builder(stores).project_with::<AccountRow>(options);
    app.await.unwrap()
}

async fn every_reader_sees_every_fixture(stores: Stores) {
    let app = app(stores).await;
    let fixtures = fixtures();
    let old = fixtures.iter().map(|fixture| {
        let payload = fixture.payload.to_string();
        stored(&fixture.name, fixture.schema_version, &payload)
    });
    let position = append(&app, old.collect()).await;
    let expected: Vec<_> = fixtures
        .into_iter()
        .map(|fixture| fixture.reads_as)
        .collect();
    assert_eq!(expected.len(), 8);

    let account = app.load::<Account>(&"ada".into()).await.unwrap().unwrap();
    assert_eq!(account.state.read, expected);

    app.wait_for::<AccountRow>(position).await.unwrap();
    let row = app.view::<AccountRow>().get(&"ada".into()).await.unwrap();
    assert_eq!(row.unwrap().read, expected);

    let history = app.history::<Account>(&"ada".into(), ..).await.unwrap();
    let history: Vec<_> = history.into_iter().map(|entry| entry.event.data).collect();
    assert_eq!(history, expected);

    let log = app.events().read_stream(&ada(), 0, 100).await.unwrap();
    let read = log
        .iter()
        .map(|event| event.read::<AccountEvent>().unwrap().data);
    assert_eq!(read.collect::<Vec<_>>(), expected);

    let closed = app.execute(Close {
        account: "ada".into(),
    });
    assert_eq!(closed.await.unwrap().version, 9);
    app.shutdown().await;
}

#[tokio::test]
async fn every_reader_sees_every_fixture_in_memory() {
    every_reader_sees_every_fixture(Stores::memory()).await;
}

#[tokio::test]
async fn every_reader_sees_every_fixture_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("old.db").display());
    every_reader_sees_every_fixture(Sqlite::open(&url).await.unwrap().stores()).await;
}

#[test]
fn an_alias_is_followed_and_never_written() {
    let names: Vec<_> = AccountEvent::TYPES.iter().map(|known| known.name).collect();
    let expected = [
        "account.opened",
        "account.deposited",
        "account.interest_paid",
        "account.closed",
        "account.shut",
    ];
    assert_eq!(names, expected);
    assert_eq!(AccountEvent::Closed.event_type().name, "account.closed");
}

#[tokio::test]
async fn an_unknown_name_says_where_it_stands_and_what_to_do() {
    let app = app(Stores::memory()).await;
    let position = append(
        &app,
        vec![
            stored("account.closed", 1, "{}"),
            stored("account.frozen", 1, "{}"),
        ],
    )
    .await;
    let expected = "event 2 of `account/ada` at position 2: `account.frozen` is not an event of this program; \
        add its variant back, say which variant it is now with `#[event(name = \"…\")]` or \
        `#[event(alias = \"…\")]`, or run the newer build that wrote it";
    let load = app.load::<Account>(&"ada".into()).await.err().unwrap();
    assert_eq!(load.to_string(), expected);
    let history = app.history::<Account>(&"ada".into(), ..).await;
    assert_eq!(history.err().unwrap().to_string(), expected);
    let log = app.events().read_stream(&ada(), 1, 1).await.unwrap();
    let read = log[0].read::<AccountEvent>().unwrap_err();
    assert_eq!(read.to_string(), expected);
    let close = Close {
        account: "ada".into(),
    };
    let execute = app.execute(close).await.unwrap_err().to_string();
    let start = "`close` on `account/ada`: event 2 at position 2: `account.frozen` is not";
    assert!(execute.starts_with(start), "{execute}");

    // Skipped by those who asked for certain events only.
    assert_eq!(log[0].decode::<AccountEvent>().unwrap(), None);
    app.wait_for::<AccountRow>(position).await.unwrap();
    let row = app.view::<AccountRow>().get(&"ada".into()).await.unwrap();
    assert_eq!(row.unwrap().read, [AccountEvent::Closed]);
}

#[tokio::test]
async fn a_newer_version_says_where_it_stands_and_what_to_do() {
    let app = app(Stores::memory()).await;
    let position = append(&app, vec![stored("account.opened", 4, "{}")]).await;
    let reason = "`account.opened` is stored in schema version 4, this program knows versions up to 3; \
        run a newer build";
    let load = app.load::<Account>(&"ada".into()).await.err().unwrap();
    assert_eq!(
        load.to_string(),
        format!("event 1 of `account/ada` at position 1: {reason}")
    );
    let stopped = app.wait_for::<AccountRow>(position).await.unwrap_err();
    assert_eq!(
        stopped.to_string(),
        format!(
            "the projection `accounts` has stopped at position 1, `account.opened`, event 1 of `account/ada`: {reason}"
        )
    );
    let LoadError::Decode {
        reason, position, ..
    } = load
    else {
        panic!("{load}")
    };
    assert!(matches!(*reason, DecodeError::NewerVersion { .. }));
    assert_eq!(position, Some(Position::new(1)));
}

#[tokio::test]
async fn an_upcaster_that_fails_or_panics_is_an_error_that_names_the_event() {
    let payloads = [
        ("account.opened", "{}", "from version 1 failed: no name"),
        (
            "account.deposited",
            "[]",
            "from version 1 failed: it panicked",
        ),
        (
            "account.interest_paid",
            "{}",
            "of the alias failed: no amount",
        ),
    ];
    for (name, payload, expected) in payloads {
        let app = app(Stores::memory()).await;
        let position = append(&app, vec![stored(name, 1, payload)]).await;
        let load = app.load::<Account>(&"ada".into()).await.err().unwrap();
        let stopped = app.wait_for::<AccountRow>(position).await.unwrap_err();
        for error in [load.to_string(), stopped.to_string()] {
            assert!(error.contains(expected), "{error}");
            assert!(error.contains("`account/ada`"), "{error}");
            assert!(error.contains("at position 1"), "{error}");
        }
    }
}
