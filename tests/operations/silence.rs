//! A server that hangs: every call ends in bounded time, and all goes on when the server does.

use std::time::Duration;

use cqrs::doc::{Account, AccountCommand::Deposit, Balance};
use cqrs::postgres::{Postgres, PostgresConfig};
use cqrs::prelude::*;
use cqrs::view::{ColumnKind, ColumnSchema, ViewSchema, ViewStore};
use postgres_server::{Database, Proxy};

use crate::domain::{PATIENCE, balance, deposit_patiently, open_account};

/// Limits so short that the fixed 5 s beside them are most of what is waited for.
fn impatient(url: &str) -> PostgresConfig {
    let mut config = PostgresConfig::from_url(url).unwrap();
    config.acquire_timeout = Duration::from_millis(300);
    config.statement_timeout = Duration::from_millis(300);
    config
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_to_a_server_that_hangs_ends() {
    let database = Database::create().await.unwrap();
    let proxy = Proxy::start(&database).await.unwrap();
    let config = impatient(&proxy.url().unwrap());
    let postgres = Postgres::open_with(config.clone()).await.unwrap();
    let app = App::builder(postgres.stores()).cached_aggregates(0);
    let app = app.project::<Balance>().await.unwrap();
    let opened = open_account(&app, "ada").await;
    balance(&app, "ada", opened.position).await;

    proxy.freeze();
    let mut schema = ViewSchema::new("others", 1);
    schema.columns = vec![ColumnSchema::new("name", ColumnKind::Text)];
    let views = postgres.views();
    let command = Deposit {
        id: "ada".into(),
        amount: 1,
    };
    let (view, id) = (app.view::<Balance>(), "ada".into());
    let calls = async {
        tokio::join!(
            async { app.execute(command).await.is_err() },
            async { app.load::<Account>(&id).await.is_err() },
            async { view.get(&id).await.is_err() },
            // Its statements may take as long as they need, on a server that is at work.
            async { views.open(&schema).await.is_err() },
            async { Postgres::open_with(config).await.is_err() },
            async { !app.health().await.problems().is_empty() },
        )
    };
    let ended = tokio::time::timeout(PATIENCE, calls).await;
    assert_eq!(
        ended.expect("all of them end"),
        (true, true, true, true, true, true)
    );

    proxy.open();
    let last = deposit_patiently(&app, "ada", 5).await.position;
    assert!(balance(&app, "ada", last).await >= 5);
    app.shutdown().await;
}

/// A long change of tables is not given up while the server is at work on it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_takes_longer_than_a_statement_may_is_waited_for() {
    let database = Database::create().await.unwrap();
    let mut config = impatient(database.url());
    config.lock_timeout = Duration::from_secs(60);
    let postgres = Postgres::open_with(config).await.unwrap();
    let mut schema = ViewSchema::new("others", 1);
    schema.columns = vec![ColumnSchema::new("name", ColumnKind::Text)];
    let mut raw = database.connect().await.unwrap();
    let lock = sqlx::raw_sql("BEGIN; LOCK TABLE cqrs.views IN ACCESS EXCLUSIVE MODE");
    sqlx::Executor::execute(&mut raw, lock).await.unwrap();
    let views = postgres.views();
    let opening = tokio::spawn(async move { views.open(&schema).await.map(drop) });
    // Beyond the time after which a hung server is given up.
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert!(!opening.is_finished());
    sqlx::Executor::execute(&mut raw, "ROLLBACK").await.unwrap();
    opening.await.unwrap().unwrap();
}
