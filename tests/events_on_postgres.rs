//! Applications whose events are in Postgres: several nodes, lost answers, round trips, and views that
//! are kept elsewhere.

#![cfg(feature = "postgres")]
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;

use cqrs::doc::{Account, AccountCommand::*, Balance};
use cqrs::postgres::Postgres;
use cqrs::prelude::*;
use cqrs::projection::ProjectionOptions;
use cqrs::store::StoreError;
use cqrs::view::MemoryViewStore;
use cqrs::{ExecuteError, Position, Receipt};
use postgres_server::{Cut, Database, Pooler, Proxy, Startup};
use uuid::Uuid;

async fn on_postgres(url: &str) -> App {
    let views = Arc::new(MemoryViewStore::default());
    let postgres = Postgres::open(url).await.unwrap();
    App::builder(postgres.with_views(views)).await.unwrap()
}

async fn open_account(app: &App, id: &str) -> Receipt {
    let (id, owner) = (id.into(), "Ada".into());
    app.execute(Open { id, owner }).await.unwrap()
}

async fn deposit(app: &App, id: &str, amount: u64) -> Receipt {
    let id = id.into();
    app.execute(Deposit { id, amount }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_share_a_log_and_each_has_its_views() {
    let database = Database::create().await.unwrap();
    let node = async || {
        let views = Arc::new(MemoryViewStore::default());
        let postgres = Postgres::open(database.url()).await.unwrap();
        App::builder(postgres.with_views(views))
            .project::<Balance>()
            .await
            .unwrap()
    };
    let (here, there) = (node().await, node().await);
    open_account(&here, "ada").await;
    let mut tasks = Vec::new();
    for number in 0..60 {
        let node = if number % 2 == 0 { &here } else { &there }.clone();
        tasks.push(tokio::spawn(async move {
            deposit(&node, "ada", 1).await.position
        }));
    }
    let mut last = Position::START;
    for task in tasks {
        last = last.max(task.await.unwrap());
    }
    for node in [here, there] {
        node.wait_for::<Balance>(last).await.unwrap();
        let ada = node.view::<Balance>().get(&"ada".into()).await.unwrap();
        assert_eq!(ada.unwrap().balance, 60);
        node.shutdown().await;
    }
}

/// One worker feeds the rows, and all read them; another one takes over when it is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_share_the_rows_of_a_view() {
    let database = Database::create().await.unwrap();
    let node = async || {
        App::open(database.url())
            .project::<Balance>()
            .await
            .unwrap()
    };
    let (here, there) = (node().await, node().await);
    open_account(&here, "ada").await;
    let last = deposit(&there, "ada", 5).await.position;
    for app in [&here, &there] {
        app.wait_for::<Balance>(last).await.unwrap();
        let ada = app.view::<Balance>().get(&"ada".into()).await.unwrap();
        assert_eq!(ada.unwrap().balance, 5);
    }
    here.shutdown().await;
    let last = deposit(&there, "ada", 2).await.position;
    there.wait_for::<Balance>(last).await.unwrap();
    let rich = there.view::<Balance>().filter(Balance::BALANCE.ge(7_u64));
    assert_eq!(rich.count().await.unwrap(), 1);
    there.shutdown().await;
}

#[tokio::test]
async fn a_view_may_be_kept_elsewhere() {
    let database = Database::create().await.unwrap();
    let elsewhere = ProjectionOptions::default().on(Arc::new(MemoryViewStore::default()));
    let app = App::open(database.url())
        .project_with::<Balance>(elsewhere)
        .await
        .unwrap();
    let receipt = open_account(&app, "ada").await;
    app.wait_for::<Balance>(receipt.position).await.unwrap();
    assert_eq!(app.view::<Balance>().count().await.unwrap(), 1);
    app.shutdown().await;
}

#[tokio::test]
async fn an_address_of_no_store_says_what_there_is() {
    let refused = App::open("mysql://ada:secret@host/shop").await.unwrap_err();
    let text = refused.to_string();
    assert!(
        text.contains("`postgres://USER:PASSWORD@HOST/DATABASE`"),
        "{text}"
    );
    assert!(
        text.contains("mysql://…@host/shop") && !text.contains("secret"),
        "{text}"
    );
}

#[tokio::test]
async fn an_application_that_is_shut_down_leaves_no_connection() {
    let database = Database::create().await.unwrap();
    let views = Arc::new(MemoryViewStore::default());
    let postgres = Postgres::open(database.url()).await.unwrap();
    let app = App::builder(postgres.with_views(views))
        .project::<Balance>()
        .await
        .unwrap();
    let mut raw = database.connect().await.unwrap();
    // It has one that listens, and one that tells of appends.
    let sql = "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    while !sqlx::query_scalar::<_, bool>(sql)
        .fetch_one(&mut raw)
        .await
        .unwrap()
    {
        tokio::task::yield_now().await;
    }
    open_account(&app, "ada").await;
    app.shutdown().await;
    let sql = "SELECT numbackends FROM pg_stat_database WHERE datname = current_database()";
    // The server takes a moment to see to it.
    while sqlx::query_scalar::<_, i32>(sql)
        .fetch_one(&mut raw)
        .await
        .unwrap()
        > 1
    {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        deposit(&app, "ada", 5).await.version,
        2,
        "another one is opened"
    );
}

/// The database has committed and nobody heard it: the command's id tells.
#[tokio::test]
async fn an_answer_that_is_lost_after_the_commit_is_found_again() {
    let database = Database::create().await.unwrap();
    let proxy = Proxy::start(&database).await.unwrap();
    let app = on_postgres(&proxy.url().unwrap()).await;
    open_account(&app, "ada").await;

    proxy.cut_next(Cut::AfterTheCommit);
    let receipt = deposit(&app, "ada", 5).await;
    assert_eq!(proxy.cuts(), 1);
    assert_eq!(
        (receipt.version, receipt.events, receipt.repeated),
        (2, 1, true)
    );
    let account = app.load::<Account>(&"ada".into()).await.unwrap();
    let account = account.unwrap();
    assert_eq!((account.version, account.state.balance), (2, 5));
    assert_eq!(deposit(&app, "ada", 1).await.version, 3);
}

/// It never came to the database, which the framework cannot know: it says so, and the id settles it.
#[tokio::test]
async fn a_command_that_never_arrived_can_be_sent_again_by_its_id() {
    let database = Database::create().await.unwrap();
    let proxy = Proxy::start(&database).await.unwrap();
    let app = on_postgres(&proxy.url().unwrap()).await;
    open_account(&app, "ada").await;

    let command = || Deposit {
        id: "ada".into(),
        amount: 5,
    };
    let id = Uuid::new_v4();
    proxy.cut_next(Cut::BeforeTheServer);
    let lost = app.execute(command()).with_id(id).await.unwrap_err();
    assert_eq!(proxy.cuts(), 1);
    let is_unknown = matches!(
        lost,
        ExecuteError::Store {
            source: StoreError::ConnectionLost { .. },
            ..
        }
    );
    assert!(is_unknown, "{lost:?}");
    let again = app.execute(command()).with_id(id).await.unwrap();
    assert_eq!((again.version, again.repeated), (2, false));
    let once_more = app.execute(command()).with_id(id).await.unwrap();
    assert_eq!((once_more.version, once_more.repeated), (2, true));
}

/// Without an answer to a question that may be asked twice, another connection is asked.
#[tokio::test]
async fn a_read_that_is_cut_off_is_not_noticed() {
    let database = Database::create().await.unwrap();
    let proxy = Proxy::start(&database).await.unwrap();
    let app = on_postgres(&proxy.url().unwrap()).await;
    open_account(&app, "ada").await;
    for cut in [Cut::BeforeTheServer, Cut::AfterTheCommit] {
        proxy.cut_next(cut);
        let account = app.load::<Account>(&"ada".into()).await.unwrap();
        assert_eq!(account.unwrap().version, 1);
    }
    assert_eq!(proxy.cuts(), 2);
}

#[tokio::test]
async fn a_command_costs_one_round_trip_and_a_cold_one_two() {
    let database = Database::create().await.unwrap();
    let elsewhere = on_postgres(database.url()).await;
    for id in ["cold", "colder"] {
        open_account(&elsewhere, id).await;
    }
    let proxy = Proxy::start(&database).await.unwrap();
    let app = on_postgres(&proxy.url().unwrap()).await;
    // The first of its kind on a connection has its statements prepared.
    open_account(&app, "first").await;
    deposit(&app, "cold", 1).await;

    let before = proxy.round_trips();
    open_account(&app, "ada").await;
    assert_eq!(proxy.round_trips() - before, 1, "creating");
    deposit(&app, "ada", 1).await;
    assert_eq!(proxy.round_trips() - before, 2, "warm");
    deposit(&app, "colder", 1).await;
    // What the connection would cost when it is given back shows here too.
    assert_eq!(proxy.round_trips() - before, 4, "cold");
    // Other processes are told beside that, on another connection.
    while proxy.announcements() == 0 {
        tokio::task::yield_now().await;
    }
}

/// Begin, the statement in its two parts, commit.
#[tokio::test]
async fn behind_a_pooler_each_statement_costs_four_round_trips() {
    let database = Database::create().await.unwrap();
    let proxy = Proxy::start(&database).await.unwrap();
    let url = format!("{}&cqrs_pooler=transaction", proxy.url().unwrap());
    let app = on_postgres(&url).await;
    open_account(&app, "first").await;
    let before = proxy.round_trips();
    open_account(&app, "ada").await;
    assert_eq!(proxy.round_trips() - before, 4);
}

/// The log, the leases, the pages, and a rebuild, all in sessions that change under them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_behind_a_pooler_share_the_rows_of_a_view() {
    let database = Database::create().await.unwrap();
    let pooler = Pooler::start(Startup::Refused).unwrap();
    let node = async || {
        let app = App::open(pooler.url(&database)).project::<Balance>();
        app.await.unwrap()
    };
    let (here, there) = (node().await, node().await);
    for id in ["ada", "bob"] {
        open_account(&here, id).await;
    }
    let mut tasks = Vec::new();
    for number in 0..60 {
        let node = if number % 2 == 0 { &here } else { &there }.clone();
        let id = if number % 3 == 0 { "ada" } else { "bob" };
        tasks.push(tokio::spawn(
            async move { deposit(&node, id, 1).await.position },
        ));
        if number == 30 {
            here.rebuild::<Balance>().await.unwrap();
        }
    }
    let mut last = Position::START;
    for task in tasks {
        last = last.max(task.await.unwrap());
    }
    here.shutdown().await;
    there.wait_for::<Balance>(last).await.unwrap();
    let rich = there.view::<Balance>().order_by(Balance::BALANCE.desc());
    let rich = rich.page(10).await.unwrap();
    let balances: Vec<u64> = rich.iter().map(|row| row.balance).collect();
    assert_eq!(balances, [40, 20]);
    there.shutdown().await;
}
