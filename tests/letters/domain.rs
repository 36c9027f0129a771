//! Facts about keys, of which any may be told to fail, and a view in which their order shows.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cqrs::prelude::*;
use cqrs::projection::{OnFailure, ProjectionOptions};
use cqrs::store::{Append, Stores};
use cqrs::{Expected, Position, RetryPolicy, StreamId};
use serde_json::Value;

#[derive(Id)]
pub(crate) struct FactId(String);

/// Each event carries a token by which a test makes it fail.
#[derive(Event, Serialize, Deserialize, Clone, Debug)]
#[event(prefix = "fact", id = FactId)]
pub(crate) enum Fact {
    Added {
        keys: Vec<String>,
        number: i64,
        token: u64,
    },
    Grouped {
        key: String,
        group: String,
        token: u64,
    },
    Renamed {
        old: String,
        new: String,
        token: u64,
    },
    Dropped {
        key: String,
        token: u64,
    },
    /// For the key that is named like its stream; it fails before it can be read.
    #[event(version = 2, upcast(1 = refuse))]
    Old {
        number: i64,
        token: u64,
    },
}

fn refuse(value: Value) -> Result<Value, String> {
    match value["token"].as_u64().is_some_and(is_bad) {
        true => Err("the upcaster knows no such fact".to_owned()),
        false => Ok(value),
    }
}

/// Key, group and number of a row.
pub(crate) type Entry = (String, String, i64);

/// A view of the facts, under a name of its own.
macro_rules! tally {
    ($row:ident, $($option:tt)*) => {
        #[derive(Projection, Clone, Debug, PartialEq)]
        #[projection($($option)*, events(Fact), index(group))]
        pub(crate) struct $row {
            pub(crate) key: String,
            pub(crate) group: String,
            pub(crate) number: i64,
        }

        impl From<$row> for Entry {
            fn from(row: $row) -> Self {
                (row.key, row.group, row.number)
            }
        }

        impl $row {
            /// Not commutative: another order gives another number.
            fn add(&mut self, number: i64, token: u64) {
                check(token);
                self.number = self.number.wrapping_mul(3).wrapping_add(number);
            }
        }

        impl Project<Fact> for $row {
            fn project(event: &Recorded<Fact>, rows: &mut Rows<Self>) {
                match event.data.clone() {
                    Fact::Added {
                        keys,
                        number,
                        token,
                    } => {
                        for key in keys {
                            rows.upsert(&key, |row| row.add(number, token));
                        }
                    }
                    Fact::Grouped { key, group, token } => rows.upsert(&key, |row| {
                        check(token);
                        row.group = group;
                    }),
                    Fact::Renamed { old, new, token } => {
                        rows.update_where($row::GROUP, old.as_str(), |row| {
                            row.add(7, token);
                            row.group.clone_from(&new);
                        });
                    }
                    Fact::Dropped { key, token } => {
                        rows.update(&key, |_| check(token));
                        rows.delete(&key);
                    }
                    Fact::Old { number, token } => {
                        rows.upsert(&event.id.to_string(), |row| row.add(number, token));
                    }
                }
            }
        }
    };
}

tally!(Tally, name = "tallies");
tally!(DividedTally, name = "divided_tallies", partitions = 3);

static BAD: Mutex<BTreeSet<u64>> = Mutex::new(BTreeSet::new());

fn bad() -> MutexGuard<'static, BTreeSet<u64>> {
    BAD.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_bad(token: u64) -> bool {
    bad().contains(&token)
}

fn check(token: u64) {
    assert!(!is_bad(token), "token {token} is bad");
}

/// Events with this token fail from now on.
pub(crate) fn spoil(token: u64) {
    bad().insert(token);
}

/// Events with this token fail no longer, as after a deployment that mends what was wrong.
pub(crate) fn mend(token: u64) {
    bad().remove(&token);
}

pub(crate) fn added(keys: &[&str], number: i64, token: u64) -> Fact {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    Fact::Added {
        keys,
        number,
        token,
    }
}

pub(crate) async fn record(app: &App, stream: &str, fact: Fact) -> Position {
    let stream = StreamId::new("fact", stream).unwrap();
    let is_old = matches!(fact, Fact::Old { .. });
    let append = Append::new("record").events(stream, Expected::Any, &[fact]);
    let mut append = append.unwrap();
    if is_old {
        append.writes[0].events[0].schema_version = 1;
    }
    app.append_all(append).await.unwrap().position
}

pub(crate) fn options() -> ProjectionOptions {
    ProjectionOptions::default()
        .retry(RetryPolicy::none())
        .on_failure(OnFailure::DeadLetter)
        .lease(Duration::from_secs(60))
}

/// Where time stands still but for what waits, a lost database makes the waiting long.
const WAIT: Duration = Duration::from_secs(600);

pub(crate) async fn start(stores: &Stores, options: ProjectionOptions) -> App {
    start_with::<Tally>(stores, options).await
}

pub(crate) async fn start_with<P: Projection>(stores: &Stores, options: ProjectionOptions) -> App {
    let app = App::builder(stores.clone()).wait_timeout(WAIT);
    app.project_with::<P>(options).await.unwrap()
}

pub(crate) async fn rows<P: Projection + Into<Entry>>(app: &App) -> Vec<Entry> {
    let page = app.view::<P>().page(1000).await.unwrap();
    page.rows.into_iter().map(Into::into).collect()
}

pub(crate) async fn number(app: &App, key: &str) -> Option<i64> {
    let row = app.view::<Tally>().get(&key.to_owned()).await.unwrap();
    row.map(|row| row.number)
}
