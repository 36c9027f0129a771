//! ③ An aggregate's past: as it was at a version, at a moment, and step by step.

#![allow(missing_docs, clippy::unwrap_used)]

use std::time::Duration;

use chrono::{DateTime, Utc};
use cqrs::doc::{Account, AccountCommand, AccountCommand::*, AccountEvent};
use cqrs::prelude::*;
use cqrs::store::{Append, Stores};
use cqrs::{AsOf, Expected, StreamId};

fn deposit(amount: u64) -> AccountCommand {
    let id = "ada".into();
    Deposit { id, amount }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
}

/// Opened with nothing, then 1, 2, 3 and so on, a minute between them.
async fn fill(app: &App, deposits: u64) {
    let stream = StreamId::new("account", "ada").unwrap();
    for version in 0..=deposits {
        let event = match version {
            0 => AccountEvent::Opened {
                owner: "Ada".to_owned(),
            },
            amount => AccountEvent::Deposited { amount },
        };
        let expected = match version {
            0 => Expected::NoStream,
            version => Expected::Exact(version),
        };
        let append = Append::new("fill").events(stream.clone(), expected, &[event]);
        let mut append = append.unwrap();
        append.recorded_at = at(60 * version as i64);
        app.append_all(append).await.unwrap();
    }
}

async fn balance(app: &App, as_of: AsOf) -> Option<(u64, u64)> {
    let loaded = app.load_as_of::<Account>(&"ada".into(), as_of).await;
    loaded
        .unwrap()
        .map(|loaded| (loaded.version, loaded.state.balance))
}

async fn travels(stores: Stores) {
    let app = App::builder(stores).await.unwrap();
    assert_eq!(balance(&app, AsOf::Version(1)).await, None);
    fill(&app, 1200).await;

    assert_eq!(balance(&app, AsOf::Version(0)).await, None);
    assert_eq!(balance(&app, AsOf::Version(1)).await, Some((1, 0)));
    assert_eq!(balance(&app, AsOf::Version(4)).await, Some((4, 6)));
    let whole = Some((1201, 720_600));
    assert_eq!(balance(&app, AsOf::Version(u64::MAX)).await, whole);

    let before = at(0) - Duration::from_micros(1);
    assert_eq!(balance(&app, AsOf::Time(before)).await, None);
    assert_eq!(balance(&app, AsOf::Time(at(0))).await, Some((1, 0)));
    assert_eq!(balance(&app, AsOf::Time(at(239))).await, Some((4, 6)));
    assert_eq!(balance(&app, AsOf::Time(at(240))).await, Some((5, 10)));
    assert_eq!(
        balance(&app, AsOf::Time(at(60 * 1100))).await,
        Some((1101, 605_550))
    );
    assert_eq!(balance(&app, AsOf::Time(Utc::now())).await, whole);

    let steps = app.history::<Account>(&"ada".into(), ..).await.unwrap();
    assert_eq!(steps.len(), 1201);
    for (step, version) in steps.iter().zip(1..) {
        assert_eq!(step.event.version, version);
        assert_eq!(step.state.balance, version * (version - 1) / 2);
    }
    let page = app.history::<Account>(&"ada".into(), 3..=4).await.unwrap();
    assert_eq!(page, steps[2..4]);
    assert_eq!(page[0].event.data, AccountEvent::Deposited { amount: 2 });
    for beyond in [1202..=1300, 2000..=3000] {
        let none = app.history::<Account>(&"ada".into(), beyond).await;
        assert_eq!(none.unwrap(), []);
    }
    let none = app.history::<Account>(&"bob".into(), 0..).await.unwrap();
    assert_eq!(none, []);
    app.execute(deposit(1)).await.unwrap();
    assert_eq!(balance(&app, AsOf::Version(1201)).await, whole);
    app.shutdown().await;
}

#[tokio::test]
async fn an_aggregate_in_memory_is_seen_as_it_was() {
    travels(Stores::memory()).await;
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn an_aggregate_on_sqlite_is_seen_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank.db");
    let sqlite = cqrs::sqlite::Sqlite::open(&format!("sqlite:{}", path.display()))
        .await
        .unwrap();
    travels(sqlite.stores()).await;
}
