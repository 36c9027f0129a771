//! ⑦ ⑧ Views that are built anew by call: what is interrupted, doubled or failing on the way.

#![cfg(feature = "sqlite")]
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cqrs::doc::{AccountCommand, AccountCommand::*, AccountEvent, AccountId};
use cqrs::prelude::*;
use cqrs::projection::{ProjectionOptions, ProjectionState, RebuildError, StartFrom};
use cqrs::store::Stores;
use cqrs::{Position, RetryPolicy};
use tokio_stream::StreamExt;

/// A view whose code is corrected without a new version: every deposit counts so much.
macro_rules! weighted {
    ($module:ident, $name:literal) => {
        mod $module {
            use super::*;

            pub(crate) static WEIGHT: AtomicU64 = AtomicU64::new(1);

            #[derive(Projection, Clone, Debug)]
            #[projection(name = $name, events(AccountEvent), index(amount))]
            pub(crate) struct Weighted {
                pub(crate) account: AccountId,
                pub(crate) amount: u64,
            }

            impl Project<AccountEvent> for Weighted {
                fn project(event: &Recorded<AccountEvent>, rows: &mut Rows<Self>) {
                    let weight = WEIGHT.load(Ordering::SeqCst);
                    assert!(weight > 0, "the projection was told to fail");
                    if let AccountEvent::Deposited { amount } = event.data {
                        rows.upsert(&event.id, |row| row.amount += weight * amount);
                    }
                }
            }
        }
    };
}

weighted!(corrected, "corrected");
weighted!(fed, "fed");
weighted!(cancelled, "cancelled");
weighted!(doubled, "doubled");
weighted!(failing, "failing");
weighted!(stopped, "stopped");
weighted!(elsewhere, "elsewhere");
weighted!(late, "late");

fn deposit(amount: u64) -> AccountCommand {
    let id = "ada".into();
    Deposit { id, amount }
}

fn options() -> ProjectionOptions {
    let retry = RetryPolicy::none();
    let lease = Duration::from_millis(500);
    ProjectionOptions::default()
        .page_size(2)
        .retry(retry)
        .lease(lease)
}

async fn deposited(app: &App, times: u64) -> Position {
    let mut position = Position::START;
    for _ in 0..times {
        position = app.execute(deposit(1)).await.unwrap().position;
    }
    position
}

async fn open<P: Projection>(stores: &Stores) -> App {
    let app = App::builder(stores.clone()).project_with::<P>(options());
    let app = app.await.unwrap();
    let (id, owner) = ("ada".into(), "Ada".into());
    // Another app on these stores may have opened it.
    let _ = app.execute(Open { id, owner }).await;
    app
}

macro_rules! amount {
    ($app:expr, $module:ident) => {
        $app.view::<$module::Weighted>()
            .get(&"ada".into())
            .await
            .unwrap()
            .unwrap()
            .amount
    };
}

/// What must live as long as the stores.
type Keep = Box<dyn std::any::Any>;

async fn stores() -> Vec<(Stores, Keep)> {
    let file = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", file.path().join("bank.db").display());
    let sqlite = cqrs::sqlite::Sqlite::open(&url).await.unwrap().stores();
    vec![
        (Stores::memory(), Box::new(())),
        (sqlite, Box::new(file)),
        #[cfg(feature = "postgres")]
        on_postgres().await,
    ]
}

#[cfg(feature = "postgres")]
async fn on_postgres() -> (Stores, Keep) {
    let database = postgres_server::Database::create().await.unwrap();
    let postgres = cqrs::postgres::Postgres::open(database.url()).await;
    (postgres.unwrap().stores(), Box::new(database))
}

#[tokio::test]
async fn a_rebuild_corrects_every_row_and_tells_its_progress() {
    for (stores, _folder) in stores().await {
        corrected::WEIGHT.store(1, Ordering::SeqCst);
        let app = open::<corrected::Weighted>(&stores).await;
        let position = deposited(&app, 9).await;
        app.wait_for::<corrected::Weighted>(position).await.unwrap();
        corrected::WEIGHT.store(10, Ordering::SeqCst);
        for _ in 0..3 {
            let rebuild = app.rebuild::<corrected::Weighted>();
            let progress = rebuild.progress();
            let (done, told) = tokio::join!(rebuild.into_future(), progress.collect::<Vec<_>>());
            let done = done.unwrap();
            assert_eq!((done.done, done.total), (10, 10));
            assert_eq!(told.last(), Some(&done));
            assert!(told.is_sorted_by_key(|progress| progress.done), "{told:?}");
            assert_eq!(amount!(app, corrected), 90);
        }
        // The worker goes on with the new rows, and waiting works across the swap.
        let position = deposited(&app, 3).await;
        app.wait_for::<corrected::Weighted>(position).await.unwrap();
        assert_eq!(amount!(app, corrected), 120);
        app.shutdown().await;
    }
}

/// Commands go on all the while; nothing is lost or doubled at the swap.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_that_come_during_a_rebuild_are_in_the_view_once() {
    for (stores, _folder) in stores().await {
        let app = open::<fed::Weighted>(&stores).await;
        deposited(&app, 50).await;
        let writing = app.clone();
        let writer = tokio::spawn(async move { deposited(&writing, 200).await });
        let mut rebuilds = 0;
        while !writer.is_finished() || rebuilds == 0 {
            app.rebuild::<fed::Weighted>().await.unwrap();
            rebuilds += 1;
            assert!(amount!(app, fed) >= 50, "never backwards");
        }
        let position = writer.await.unwrap();
        app.wait_for::<fed::Weighted>(position).await.unwrap();
        assert_eq!(amount!(app, fed), 250, "after {rebuilds} rebuilds");
        app.shutdown().await;
    }
}

#[tokio::test]
async fn a_rebuild_that_is_cancelled_leaves_the_view_and_begins_anew() {
    for (stores, _folder) in stores().await {
        cancelled::WEIGHT.store(1, Ordering::SeqCst);
        // Who waited for the lease to run out would wait for long.
        let options = options().lease(Duration::from_secs(3600));
        let app = App::builder(stores.clone()).project_with::<cancelled::Weighted>(options);
        let app = app.await.unwrap();
        let (id, owner) = ("ada".into(), "Ada".into());
        app.execute(Open { id, owner }).await.unwrap();
        let position = deposited(&app, 20).await;
        app.wait_for::<cancelled::Weighted>(position).await.unwrap();
        cancelled::WEIGHT.store(7, Ordering::SeqCst);
        let rebuild = app.rebuild::<cancelled::Weighted>();
        let mut progress = rebuild.progress();
        tokio::select! {
            biased;
            () = async { while progress.next().await.unwrap().done < 4 {} } => {}
            done = rebuild.into_future() => panic!("it was done: {done:?}"),
        }
        assert_eq!(amount!(app, cancelled), 20, "the old rows answer");
        // Rows of the one that was cancelled must not be mixed with those of this one.
        cancelled::WEIGHT.store(3, Ordering::SeqCst);
        let again = app.rebuild::<cancelled::Weighted>().into_future();
        let again = tokio::time::timeout(Duration::from_secs(60), again).await;
        again.expect("the lease was given back").unwrap();
        assert_eq!(amount!(app, cancelled), 60);
        app.shutdown().await;
    }
}

#[tokio::test]
async fn the_second_of_two_calls_waits_for_the_first() {
    for (stores, _folder) in stores().await {
        doubled::WEIGHT.store(1, Ordering::SeqCst);
        let (first, second) = (
            open::<doubled::Weighted>(&stores).await,
            open::<doubled::Weighted>(&stores).await,
        );
        let position = deposited(&first, 30).await;
        first.wait_for::<doubled::Weighted>(position).await.unwrap();
        doubled::WEIGHT.store(2, Ordering::SeqCst);
        let begun = first.rebuild::<doubled::Weighted>();
        let mut progress = begun.progress();
        let waits = async {
            while progress.next().await.unwrap().done == 0 {}
            let rebuild = second.rebuild::<doubled::Weighted>();
            let told = rebuild.progress();
            let (done, told) = tokio::join!(rebuild.into_future(), told.collect::<Vec<_>>());
            (done.unwrap(), told)
        };
        let (first_done, (second_done, told)) = tokio::join!(begun.into_future(), waits);
        first_done.unwrap();
        assert_eq!(second_done.done, second_done.total);
        assert!(
            told.iter().any(|progress| progress.done_by.is_some()),
            "it did the same work again: {told:?}"
        );
        assert_eq!(amount!(second, doubled), 60);
        first.shutdown().await;
        second.shutdown().await;
    }
}

#[tokio::test]
async fn a_failing_event_leaves_the_old_rows_and_is_named() {
    for (stores, _folder) in stores().await {
        failing::WEIGHT.store(1, Ordering::SeqCst);
        let app = open::<failing::Weighted>(&stores).await;
        let position = deposited(&app, 5).await;
        app.wait_for::<failing::Weighted>(position).await.unwrap();
        failing::WEIGHT.store(0, Ordering::SeqCst);
        let failed = app.rebuild::<failing::Weighted>().await.unwrap_err();
        assert_eq!(
            failed.to_string(),
            "the view `failing` was not rebuilt and answers as before: the projection `failing` has \
             stopped at position 1, `account.opened`, event 1 of `account/ada`: `project` panicked: \
             the projection was told to fail"
        );
        assert_eq!(amount!(app, failing), 5);
        let state = app.projections().remove(0).state;
        assert!(!matches!(state, ProjectionState::Stopped(_)), "{state:?}");
        app.shutdown().await;
    }
}

#[tokio::test]
async fn a_projection_that_has_stopped_goes_on_after_a_rebuild() {
    for (stores, _folder) in stores().await {
        stopped::WEIGHT.store(0, Ordering::SeqCst);
        let app = open::<stopped::Weighted>(&stores).await;
        let position = deposited(&app, 5).await;
        app.wait_for::<stopped::Weighted>(position)
            .await
            .unwrap_err();
        stopped::WEIGHT.store(1, Ordering::SeqCst);
        app.rebuild::<stopped::Weighted>().await.unwrap();
        assert_eq!(amount!(app, stopped), 5);
        let position = deposited(&app, 1).await;
        app.wait_for::<stopped::Weighted>(position).await.unwrap();
        assert_eq!(amount!(app, stopped), 6);
        app.shutdown().await;
    }
}

/// As after a rebuild from the command line.
#[tokio::test]
async fn a_projection_that_has_stopped_goes_on_after_a_rebuild_elsewhere() {
    for (stores, _folder) in stores().await {
        elsewhere::WEIGHT.store(0, Ordering::SeqCst);
        let app = open::<elsewhere::Weighted>(&stores).await;
        let position = deposited(&app, 5).await;
        app.wait_for::<elsewhere::Weighted>(position)
            .await
            .unwrap_err();
        elsewhere::WEIGHT.store(1, Ordering::SeqCst);
        let other = open::<elsewhere::Weighted>(&stores).await;
        other.rebuild::<elsewhere::Weighted>().await.unwrap();
        other.shutdown().await;
        let mut statuses = app.watch_projection::<elsewhere::Weighted>().unwrap();
        while let ProjectionState::Stopped(_) = statuses.next().await.unwrap().state {}
        let position = deposited(&app, 1).await;
        app.wait_for::<elsewhere::Weighted>(position).await.unwrap();
        assert_eq!(amount!(app, elsewhere), 6);
        app.shutdown().await;
    }
}

#[tokio::test]
async fn what_cannot_be_rebuilt_says_so() {
    let app = App::in_memory().await.unwrap();
    let missing = app.rebuild::<late::Weighted>().await.unwrap_err();
    assert!(matches!(
        missing,
        RebuildError::NotRegistered { view: "late", .. }
    ));
    let now = ProjectionOptions::default().start_from(StartFrom::Now);
    let app = App::in_memory()
        .project_with::<late::Weighted>(now)
        .await
        .unwrap();
    let refused = app.rebuild::<late::Weighted>().await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the view `late` starts from `Now`, so it cannot be rebuilt: start it from a position, or \
         from the beginning"
    );
    app.shutdown().await;
    let app = App::in_memory().project::<late::Weighted>().await.unwrap();
    app.shutdown().await;
    let ended = app.rebuild::<late::Weighted>().await.unwrap_err();
    assert!(
        matches!(ended, RebuildError::ShutDown { view: "late" }),
        "{ended}"
    );
}
