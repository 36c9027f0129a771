//! ⑦ ⑧ Views whose projection changed: built beside the old rows, which answer until the swap.

#![cfg(feature = "sqlite")]
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cqrs::doc::{AccountCommand, AccountCommand::*, AccountEvent, AccountId};
use cqrs::prelude::*;
use cqrs::projection::{AnsweredBy, ProjectionOptions, ProjectionState};
use cqrs::store::Stores;
use cqrs::{Position, QueryError, RetryPolicy};
use sqlx::{Connection, SqliteConnection};
use tokio_stream::StreamExt;

/// The view as the old code has it.
mod before {
    use super::*;

    #[derive(Projection, Clone, Debug)]
    #[projection(name = "deposits", events(AccountEvent))]
    pub(crate) struct Deposits {
        pub(crate) account: AccountId,
        pub(crate) amount: u64,
    }

    impl Project<AccountEvent> for Deposits {
        fn project(event: &Recorded<AccountEvent>, rows: &mut Rows<Self>) {
            if let AccountEvent::Deposited { amount } = event.data {
                rows.upsert(&event.id, |row| row.amount += amount);
            }
        }
    }
}

/// The same columns, counted otherwise: it waits at an amount of 13 while it is told to.
mod raised {
    use super::*;

    pub(crate) static HOLD: AtomicBool = AtomicBool::new(true);

    #[derive(Projection, Clone, Debug)]
    #[projection(name = "deposits", version = 2, events(AccountEvent))]
    pub(crate) struct Deposits {
        pub(crate) account: AccountId,
        pub(crate) amount: u64,
    }

    impl Project<AccountEvent> for Deposits {
        fn project(event: &Recorded<AccountEvent>, rows: &mut Rows<Self>) {
            if let AccountEvent::Deposited { amount } = event.data {
                if amount == 13 && HOLD.load(Ordering::SeqCst) {
                    panic!("held back");
                }
                rows.upsert(&event.id, |row| row.amount += amount * 100);
            }
        }
    }
}

/// The same once more, for a test of its own.
mod resumed {
    use super::*;

    pub(crate) static HOLD: AtomicBool = AtomicBool::new(true);

    #[derive(Projection, Clone, Debug)]
    #[projection(name = "deposits", version = 6, events(AccountEvent))]
    pub(crate) struct Deposits {
        pub(crate) account: AccountId,
        pub(crate) amount: u64,
    }

    impl Project<AccountEvent> for Deposits {
        fn project(event: &Recorded<AccountEvent>, rows: &mut Rows<Self>) {
            if let AccountEvent::Deposited { amount } = event.data {
                if amount == 13 && HOLD.load(Ordering::SeqCst) {
                    panic!("held back");
                }
                rows.upsert(&event.id, |row| row.amount += amount * 100);
            }
        }
    }
}

/// Another column.
mod widened {
    use super::*;

    pub(crate) static HOLD: AtomicBool = AtomicBool::new(true);

    #[derive(Projection, Clone, Debug)]
    #[projection(name = "deposits", version = 3, events(AccountEvent))]
    pub(crate) struct Deposits {
        pub(crate) account: AccountId,
        pub(crate) amount: u64,
        pub(crate) count: u64,
    }

    impl Project<AccountEvent> for Deposits {
        fn project(event: &Recorded<AccountEvent>, rows: &mut Rows<Self>) {
            if let AccountEvent::Deposited { amount } = event.data {
                if amount == 13 && HOLD.load(Ordering::SeqCst) {
                    panic!("held back");
                }
                rows.upsert(&event.id, |row| {
                    row.amount += amount;
                    row.count += 1;
                });
            }
        }
    }
}

fn deposit(amount: u64) -> AccountCommand {
    let id = "ada".into();
    Deposit { id, amount }
}

fn patient() -> ProjectionOptions {
    let retry = RetryPolicy::new(100_000, Duration::from_millis(2), Duration::from_millis(2));
    ProjectionOptions::default().retry(retry)
}

async fn filled(stores: &Stores) -> (App, Position) {
    let app = App::builder(stores.clone()).project::<before::Deposits>();
    let app = app.await.unwrap();
    let (id, owner) = ("ada".into(), "Ada".into());
    app.execute(Open { id, owner }).await.unwrap();
    app.execute(deposit(1)).await.unwrap();
    let position = app.execute(deposit(13)).await.unwrap().position;
    app.wait_for::<before::Deposits>(position).await.unwrap();
    (app, position)
}

async fn stores() -> [(Stores, tempfile::TempDir); 2] {
    let file = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", file.path().join("bank.db").display());
    let sqlite = cqrs::sqlite::Sqlite::open(&url).await.unwrap().stores();
    [
        (Stores::memory(), tempfile::tempdir().unwrap()),
        (sqlite, file),
    ]
}

async fn old_amount(app: &App) -> u64 {
    let row = app.view::<before::Deposits>().get(&"ada".into()).await;
    row.unwrap().unwrap().amount
}

#[tokio::test]
async fn old_rows_answer_until_the_changed_view_has_caught_up() {
    for (stores, _folder) in stores().await {
        raised::HOLD.store(true, Ordering::SeqCst);
        let (old, position) = filled(&stores).await;
        let new = App::builder(stores.clone()).wait_timeout(Duration::from_millis(50));
        let new = new.project_with::<raised::Deposits>(patient());
        let new = new.await.unwrap();
        let view = || new.view::<raised::Deposits>();
        let row = view().get(&"ada".into()).await.unwrap().unwrap();
        assert_eq!(row.amount, 14, "the old rows");
        let early = new.wait_for::<raised::Deposits>(Position::new(1)).await;
        assert!(
            matches!(early, Err(QueryError::TimedOut { .. })),
            "who waits for the view waits for the new rows: {early:?}"
        );
        let status = new.projections().remove(0);
        assert_eq!(status.answered_by, AnsweredBy::OlderView);
        assert!(status.rebuild.is_some(), "{status:?}");
        // The old code feeds its rows all the while.
        let more = old.execute(deposit(5)).await.unwrap().position;
        old.wait_for::<before::Deposits>(more).await.unwrap();
        assert_eq!(view().page(1).await.unwrap().rows[0].amount, 19);

        raised::HOLD.store(false, Ordering::SeqCst);
        let mut statuses = new.watch_projection::<raised::Deposits>().unwrap();
        while statuses.next().await.unwrap().answered_by != AnsweredBy::View {}
        let row = view().get(&"ada".into()).await.unwrap().unwrap();
        assert!(row.amount >= 1400, "{row:?}");
        // And afterwards as well.
        let more = old.execute(deposit(5)).await.unwrap().position;
        assert!(more > position);
        old.wait_for::<before::Deposits>(more).await.unwrap();
        assert_eq!(old_amount(&old).await, 24);
        old.shutdown().await;
        new.shutdown().await;
    }
}

#[tokio::test]
async fn a_build_that_was_ended_goes_on_where_it_was() {
    for (stores, _folder) in stores().await {
        resumed::HOLD.store(true, Ordering::SeqCst);
        let (old, position) = filled(&stores).await;
        let start = || App::builder(stores.clone()).project_with::<resumed::Deposits>(patient());
        let new = start().await.unwrap();
        let mut statuses = new.watch_projection::<resumed::Deposits>().unwrap();
        while statuses.next().await.unwrap().position != Position::new(2) {}
        new.shutdown().await;
        resumed::HOLD.store(false, Ordering::SeqCst);
        let new = start().await.unwrap();
        new.wait_for::<resumed::Deposits>(position).await.unwrap();
        assert_eq!(new.projections().remove(0).events, 1, "the last one alone");
        let row = new.view::<resumed::Deposits>().get(&"ada".into()).await;
        assert_eq!(row.unwrap().unwrap().amount, 1400);
        old.shutdown().await;
        new.shutdown().await;
    }
}

#[tokio::test]
async fn a_view_with_other_columns_says_that_it_is_being_built() {
    for (stores, _folder) in stores().await {
        widened::HOLD.store(true, Ordering::SeqCst);
        let (old, position) = filled(&stores).await;
        let new = App::builder(stores.clone()).project_with::<widened::Deposits>(patient());
        let new = new.await.unwrap();
        let mut statuses = new.watch_projection::<widened::Deposits>().unwrap();
        while !matches!(
            statuses.next().await.unwrap().state,
            ProjectionState::Retrying { .. }
        ) {}
        let early = new.view::<widened::Deposits>().count().await.unwrap_err();
        assert!(
            matches!(
                early,
                QueryError::Rebuilding {
                    done: 2,
                    total: 3,
                    ..
                }
            ),
            "{early}"
        );
        assert_eq!(
            early.to_string(),
            "the view `deposits` is being built anew: 2 of 3 events are done; ask again, or wait \
             with `wait_for`"
        );
        widened::HOLD.store(false, Ordering::SeqCst);
        new.wait_for::<widened::Deposits>(position).await.unwrap();
        let rows = new.view::<widened::Deposits>().page(10).await.unwrap().rows;
        assert_eq!((rows[0].amount, rows[0].count), (14, 2));
        assert_eq!(old_amount(&old).await, 14);
        old.shutdown().await;
        new.shutdown().await;
    }
}

/// It fails for good, and the old rows go on answering.
#[tokio::test]
async fn an_event_that_cannot_be_projected_leaves_the_old_view() {
    let stores = Stores::memory();
    let (_old, position) = filled(&stores).await;
    let options = ProjectionOptions::default().retry(RetryPolicy::none());
    let new = App::builder(stores).project_with::<failing::Deposits>(options);
    let new = new.await.unwrap();
    let failed = new.wait_for::<failing::Deposits>(position).await;
    let failed = failed.unwrap_err().to_string();
    assert!(failed.contains("at position 3"), "{failed}");
    let row = new.view::<failing::Deposits>().get(&"ada".into()).await;
    assert_eq!(row.unwrap().unwrap().amount, 14);
}

mod failing {
    use super::*;

    #[derive(Projection, Clone, Debug)]
    #[projection(name = "deposits", version = 4, events(AccountEvent))]
    pub(crate) struct Deposits {
        pub(crate) account: AccountId,
        pub(crate) amount: u64,
    }

    impl Project<AccountEvent> for Deposits {
        fn project(event: &Recorded<AccountEvent>, _: &mut Rows<Self>) {
            assert!(event.data != AccountEvent::Deposited { amount: 13 });
        }
    }
}

#[tokio::test]
async fn the_table_of_old_code_stays_while_that_code_is_alive() {
    let file = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", file.path().join("bank.db").display());
    let stores = || async { cqrs::sqlite::Sqlite::open(&url).await.unwrap().stores() };
    let (old, position) = filled(&stores().await).await;
    let lease = Duration::from_millis(200);
    let options = ProjectionOptions::default().lease(lease);
    let options = options.drop_unused_after(Duration::from_millis(100));
    let new = App::builder(stores().await).project_with::<swapped::Deposits>(options);
    let new = new.await.unwrap();
    new.wait_for::<swapped::Deposits>(position).await.unwrap();
    // Time enough for the new code to look for unused tables many times.
    let more = new.execute(deposit(5)).await.unwrap().position;
    tokio::time::sleep(3 * lease).await;
    old.wait_for::<before::Deposits>(more).await.unwrap();
    assert_eq!(old_amount(&old).await, 19);
    assert_eq!(tables(&url).await, 2);
    old.shutdown().await;
    while tables(&url).await != 1 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    new.shutdown().await;
}

/// Its process stood still for so long that its table was dropped.
#[tokio::test]
async fn a_table_that_was_dropped_answers_once_it_is_whole_again() {
    let file = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", file.path().join("bank.db").display());
    let stores = || async { cqrs::sqlite::Sqlite::open(&url).await.unwrap().stores() };
    let (old, position) = filled(&stores().await).await;
    let new = App::builder(stores().await).project::<swapped::Deposits>();
    let new = new.await.unwrap();
    new.wait_for::<swapped::Deposits>(position).await.unwrap();
    new.shutdown().await;
    drop_old_table(&url).await;
    let more = old.execute(deposit(5)).await.unwrap().position;
    old.wait_for::<before::Deposits>(more).await.unwrap();
    assert_eq!(old_amount(&old).await, 19);
    let mut file = SqliteConnection::connect(&url).await.unwrap();
    let answer = "SELECT count(*) FROM cqrs_checkpoints WHERE answers";
    let answering: i64 = sqlx::query_scalar(answer)
        .fetch_one(&mut file)
        .await
        .unwrap();
    assert_eq!(answering, 2, "for nodes that start later too");
    old.shutdown().await;
}

/// All that belongs to the table that does not have the plain name.
async fn drop_old_table(url: &str) {
    let mut file = SqliteConnection::connect(url).await.unwrap();
    let old = "SELECT view || '_' || fingerprint FROM cqrs_checkpoints
        WHERE fingerprint NOT IN (SELECT fingerprint FROM cqrs_views)";
    let old: String = sqlx::query_scalar(old).fetch_one(&mut file).await.unwrap();
    let drop = format!(
        "BEGIN IMMEDIATE; DROP TABLE {old};
        DELETE FROM cqrs_checkpoints WHERE fingerprint NOT IN (SELECT fingerprint FROM cqrs_views);
        COMMIT"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(drop))
        .execute(&mut file)
        .await
        .unwrap();
}

/// Of the view, with their checkpoints.
async fn tables(url: &str) -> i64 {
    let mut file = SqliteConnection::connect(url).await.unwrap();
    let sql = "SELECT count(*) FROM cqrs_checkpoints AS checkpoints
        INNER JOIN sqlite_schema AS tables
        ON tables.name = checkpoints.view || '_' || checkpoints.fingerprint";
    sqlx::query_scalar(sql).fetch_one(&mut file).await.unwrap()
}

mod swapped {
    use super::*;

    #[derive(Projection, Clone, Debug)]
    #[projection(name = "deposits", version = 5, events(AccountEvent))]
    pub(crate) struct Deposits {
        pub(crate) account: AccountId,
        pub(crate) amount: u64,
    }

    impl Project<AccountEvent> for Deposits {
        fn project(event: &Recorded<AccountEvent>, rows: &mut Rows<Self>) {
            rows.upsert(&event.id, |row| row.amount += 1);
        }
    }
}
