//! ⑦ Views that are split by key over several workers.

#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use cqrs::doc::{Account, AccountCommand::*, AccountEvent, AccountId};
use cqrs::prelude::*;
use cqrs::projection::{AnsweredBy, OnFailure, ProjectionOptions, ProjectionState};
use cqrs::store::Stores;
use cqrs::view::{BuildOutcome, PageWrite, ViewTable};
use cqrs::{Position, QueryError, RetryPolicy};
use cqrs_core::checkpoint::{Checkpoint, Claim, ClaimOutcome, ClaimRequest};
use cqrs_core::projection::ViewRow;
use tokio_stream::StreamExt;
use uuid::Uuid;

/// What an account took in. A deposit of 13 fails.
macro_rules! income {
    ($row:ident, $($option:tt)*) => {
        #[derive(Projection, Clone, Debug, PartialEq)]
        #[projection(name = "incomes", $($option)* events(AccountEvent), index(owner))]
        pub(crate) struct $row {
            pub(crate) account: AccountId,
            pub(crate) owner: String,
            pub(crate) amount: u64,
        }

        impl Project<AccountEvent> for $row {
            fn project(event: &Recorded<AccountEvent>, rows: &mut Rows<Self>) {
                match &event.data {
                    AccountEvent::Opened { owner } => {
                        rows.upsert(&event.id, |row| row.owner.clone_from(owner));
                    }
                    AccountEvent::Deposited { amount } => rows.upsert(&event.id, |row| {
                        assert_ne!(*amount, 13, "unlucky");
                        row.amount += amount;
                    }),
                    AccountEvent::Withdrawn { .. } => {}
                }
            }
        }
    };
}

mod divided {
    use super::*;
    income!(Income, partitions = 4,);
}

mod whole {
    use super::*;
    income!(Income,);
}

use divided::Income;

const ACCOUNTS: u64 = 40;

fn options() -> ProjectionOptions {
    ProjectionOptions::default()
        .retry(RetryPolicy::none())
        .lease(Duration::from_millis(400))
}

async fn start<P: Projection>(stores: &Stores) -> App {
    let app = App::builder(stores.clone()).project_with::<P>(options());
    app.wait_timeout(Duration::from_secs(20)).await.unwrap()
}

fn account(number: u64) -> AccountId {
    format!("account-{number}").as_str().into()
}

/// Opens the accounts and pays into each.
async fn earn(app: &App, amount: u64) -> Position {
    let mut last = Position::START;
    for number in 0..ACCOUNTS {
        let id = account(number);
        if app.load::<Account>(&id).await.unwrap().is_none() {
            let owner = format!("owner {}", number % 3);
            let open = Open {
                id: id.clone(),
                owner,
            };
            app.execute(open).await.unwrap();
        }
        last = app.execute(Deposit { id, amount }).await.unwrap().position;
    }
    last
}

async fn amounts(app: &App) -> BTreeMap<AccountId, u64> {
    let page = app.view::<Income>().page(1000).await.unwrap();
    page.into_iter()
        .map(|row| (row.account, row.amount))
        .collect()
}

fn every_account(amount: u64) -> BTreeMap<AccountId, u64> {
    (0..ACCOUNTS)
        .map(|number| (account(number), amount))
        .collect()
}

/// Whether two workers both write a row, or neither does, shows in its amount.
#[tokio::test]
async fn every_row_is_written_by_one_worker() {
    let app = start::<Income>(&Stores::memory()).await;
    let mut changes = app.view::<Income>().changes().unwrap();
    let last = earn(&app, 5).await;
    app.wait_for::<Income>(last).await.unwrap();
    assert_eq!(amounts(&app).await, every_account(5));
    let last = earn(&app, 2).await;
    app.wait_for::<Income>(last).await.unwrap();
    assert_eq!(amounts(&app).await, every_account(7));

    let mut changed = BTreeSet::new();
    while changed.len() < ACCOUNTS as usize {
        match changes.next().await.unwrap().keys {
            cqrs::query::Changed::Keys(keys) => changed.extend(keys),
            cqrs::query::Changed::Unknown => panic!("nobody else writes"),
        }
    }
    app.shutdown().await;
}

/// Keeps a partition from whoever wants to feed it.
async fn occupy(stores: &Stores, index: u32) -> (std::sync::Arc<dyn ViewTable>, Claim) {
    let schema = Income::schema().following(AccountEvent::TYPES.iter().map(|kind| kind.name));
    let table = stores.views.open(&schema).await.unwrap().partition(index);
    let head = stores.events.head().await.unwrap();
    let initial = Checkpoint::new(head.log_id, Position::START, None);
    let request = ClaimRequest::new(Uuid::now_v7(), Duration::from_secs(60), &initial);
    match table
        .claim(request.following(&schema.events))
        .await
        .unwrap()
    {
        ClaimOutcome::Held { claim, .. } => (table, claim),
        other => panic!("it is free: {other:?}"),
    }
}

#[tokio::test]
async fn who_waits_for_the_view_waits_for_its_slowest_partition() {
    let stores = Stores::memory();
    let (table, claim) = occupy(&stores, 2).await;
    let app = App::builder(stores).project_with::<Income>(options());
    let app = app.wait_timeout(Duration::from_millis(300)).await.unwrap();
    let last = earn(&app, 5).await;
    let mut statuses = app.watch_projection::<Income>().unwrap();
    let up = |status: &cqrs::projection::ProjectionStatus| {
        let up = status.partitions.iter().filter(|one| one.position >= last);
        up.count()
    };
    while up(&statuses.next().await.unwrap()) < 3 {}
    let waited = app.wait_for::<Income>(last).await;
    assert!(
        matches!(waited, Err(QueryError::TimedOut { .. })),
        "{waited:?}"
    );
    let rows = amounts(&app).await.len() as u64;
    assert!((1..ACCOUNTS).contains(&rows), "the others go on: {rows}");
    let status = app.projections().remove(0);
    assert_eq!(status.position, Position::START);
    let standing: Vec<bool> = status
        .partitions
        .iter()
        .map(|partition| matches!(partition.state, ProjectionState::Standby { .. }))
        .collect();
    assert_eq!(standing, [false, false, true, false]);

    table.release(&claim).await.unwrap();
    while statuses.next().await.unwrap().position < last {}
    assert_eq!(amounts(&app).await, every_account(5));
    app.shutdown().await;
}

#[tokio::test]
async fn an_event_that_fails_stops_its_own_partition_alone() {
    let app = start::<Income>(&Stores::memory()).await;
    let last = earn(&app, 5).await;
    app.wait_for::<Income>(last).await.unwrap();
    let unlucky = Deposit {
        id: account(7),
        amount: 13,
    };
    let failed = app.execute(unlucky).await.unwrap().position;
    let last = earn(&app, 1).await;
    let Err(QueryError::Stopped(failure)) = app.wait_for::<Income>(last).await else {
        panic!("it stands still");
    };
    assert_eq!(failure.event.as_ref().unwrap().position, failed);
    let mut statuses = app.watch_projection::<Income>().unwrap();
    let status = loop {
        let status = statuses.next().await.unwrap();
        let up = status.partitions.iter().filter(|one| one.position >= last);
        if up.count() == 3 {
            break status;
        }
    };
    assert!(matches!(status.state, ProjectionState::Stopped(_)));
    assert!(status.position < failed, "{status:?}");
    assert!(status.last_error.as_ref().unwrap().contains("unlucky"));
    let amounts = amounts(&app).await;
    assert_eq!(amounts[&account(7)], 5);
    assert!(amounts.values().filter(|amount| **amount == 6).count() > 20);
    app.shutdown().await;
}

#[tokio::test]
async fn a_dead_letter_holds_up_one_key() {
    let stores = Stores::memory();
    let options = options().on_failure(OnFailure::DeadLetter);
    let app = App::builder(stores).project_with::<Income>(options);
    let app = app.await.unwrap();
    earn(&app, 5).await;
    for number in [7, 8, 9] {
        let unlucky = Deposit {
            id: account(number),
            amount: 13,
        };
        app.execute(unlucky).await.unwrap();
    }
    let last = earn(&app, 1).await;
    app.wait_for::<Income>(last).await.unwrap();
    let amounts = amounts(&app).await;
    let behind: Vec<_> = amounts.iter().filter(|(_, amount)| **amount == 5).collect();
    assert_eq!(behind.len(), 3, "{behind:?}");
    assert_eq!(app.projections()[0].dead_letters, 3);
    let letters = app.dead_letters::<Income>().unwrap();
    let listed = letters.list(10).await.unwrap();
    let streams: Vec<_> = listed.iter().map(|letter| letter.stream.id()).collect();
    assert_eq!(streams, ["account-7", "account-8", "account-9"], "in order");
    assert_eq!(letters.list(2).await.unwrap(), listed[..2]);
    assert_eq!(
        letters.list_after(&listed[0].id, 5).await.unwrap(),
        listed[1..]
    );
    let again = letters.retry(&listed[1].id).await.unwrap();
    assert_eq!((again.resolved, again.failed), (0, 1));
    letters.discard(&listed[1].id, "unlucky").await.unwrap();
    let left = letters.retry_all().await.unwrap();
    assert_eq!((left.resolved, left.failed), (0, 2));
    assert_eq!(self::amounts(&app).await[&account(8)], 6);
    app.shutdown().await;
}

#[tokio::test]
async fn a_divided_view_is_rebuilt_while_it_is_fed() {
    let app = start::<Income>(&Stores::memory()).await;
    earn(&app, 5).await;
    let rebuild = tokio::spawn({
        let app = app.clone();
        async move { app.rebuild::<Income>().await.unwrap() }
    });
    let last = earn(&app, 2).await;
    let progress = rebuild.await.unwrap();
    assert!(
        progress.done > 0 && progress.done <= progress.total,
        "{progress:?}"
    );
    app.wait_for::<Income>(last).await.unwrap();
    assert_eq!(amounts(&app).await, every_account(7));
    app.shutdown().await;
}

/// A node with newer code finds partitions that have passed by what it follows, and one that has not.
#[tokio::test]
async fn the_view_answers_when_no_partition_has_passed_by_an_event() {
    let stores = Stores::memory();
    let app = App::builder(stores.clone()).await.unwrap();
    let last = earn(&app, 5).await;
    let narrow = Income::schema().following(["account.opened"]);
    let head = stores.events.head().await.unwrap();
    let begin = Checkpoint::new(head.log_id, Position::START, None);
    let table = stores.views.open(&narrow).await.unwrap();
    for index in 1..4 {
        let partition = table.partition(index);
        let request = ClaimRequest::new(Uuid::now_v7(), Duration::from_secs(60), &begin);
        let request = request.following(&narrow.events);
        let ClaimOutcome::Held { claim, .. } = partition.claim(request).await.unwrap() else {
            panic!("it is free");
        };
        let to = Checkpoint::new(head.log_id, head.position, head.event);
        let page = PageWrite::checkpoint(&claim, Position::START, &to);
        partition.write_page(page).await.unwrap();
        partition.release(&claim).await.unwrap();
    }
    // Three must be built anew, and nobody may yet.
    let wide = Income::schema().following(AccountEvent::TYPES.iter().map(|kind| kind.name));
    stores.views.open(&wide).await.unwrap();
    let request = ClaimRequest::new(Uuid::now_v7(), Duration::from_secs(60), &begin);
    let build = stores.views.build(&wide, request.following(&wide.events));
    let BuildOutcome::Held {
        table: built,
        claim,
    } = build.await.unwrap()
    else {
        panic!("it is free");
    };
    let app = App::builder(stores).project_with::<Income>(options());
    let app = app.wait_timeout(Duration::from_secs(20)).await.unwrap();
    let mut statuses = app.watch_projection::<Income>().unwrap();
    loop {
        let status = statuses.next().await.unwrap();
        assert_eq!(status.answered_by, AnsweredBy::OlderView, "{status:?}");
        if matches!(status.partitions[0].state, ProjectionState::Live) {
            break;
        }
    }
    for index in 0..4 {
        built.partition(index).release(&claim).await.unwrap();
    }
    app.wait_for::<Income>(last).await.unwrap();
    assert_eq!(amounts(&app).await, every_account(5));
    app.shutdown().await;
}

/// The older rows answer until every partition has caught up; nothing stands at two numbers.
async fn another_number<Old: Projection, New: Projection>(stores: &Stores) {
    let old = start::<Old>(stores).await;
    let last = earn(&old, 5).await;
    old.wait_for::<Old>(last).await.unwrap();
    let new = start::<New>(stores).await;
    let last = earn(&new, 2).await;
    new.wait_for::<New>(last).await.unwrap();
    assert_eq!(new.projections()[0].answered_by, AnsweredBy::View);
    assert_eq!(new.view::<New>().count().await.unwrap(), ACCOUNTS);
    old.wait_for::<Old>(last).await.unwrap();
    assert_eq!(old.view::<Old>().count().await.unwrap(), ACCOUNTS);
    old.shutdown().await;
    new.shutdown().await;
}

#[tokio::test]
async fn the_number_of_partitions_can_be_raised() {
    let stores = Stores::memory();
    another_number::<whole::Income, divided::Income>(&stores).await;
    let app = start::<Income>(&stores).await;
    assert_eq!(amounts(&app).await, every_account(7));
    app.shutdown().await;
}

/// What holds on a database too. `$open` makes empty stores, and what must live as long as they do.
macro_rules! on_a_database {
    ($open:ident) => {
        #[tokio::test]
        async fn the_number_of_partitions_can_be_changed_both_ways() {
            let (stores, _keep) = $open().await;
            another_number::<whole::Income, divided::Income>(&stores).await;
            another_number::<divided::Income, whole::Income>(&stores).await;
            let app = start::<whole::Income>(&stores).await;
            let last = earn(&app, 1).await;
            app.wait_for::<whole::Income>(last).await.unwrap();
            let page = app.view::<whole::Income>().page(1000).await.unwrap();
            assert_eq!(page.rows.len() as u64, ACCOUNTS);
            assert!(
                page.rows.iter().all(|row| row.amount == 15),
                "{:?}",
                page.rows
            );
            app.shutdown().await;
        }

        /// As two processes do: each partition has one worker among them, and goes to the other when that
        /// one is gone.
        #[tokio::test]
        async fn another_process_takes_every_partition_over() {
            let (stores, _keep) = $open().await;
            let first = start::<Income>(&stores).await;
            let last = earn(&first, 5).await;
            let second = start::<Income>(&stores).await;
            second.wait_for::<Income>(last).await.unwrap();
            assert_eq!(amounts(&second).await, every_account(5));
            first.shutdown().await;
            let last = earn(&second, 2).await;
            second.wait_for::<Income>(last).await.unwrap();
            assert_eq!(amounts(&second).await, every_account(7));
            second.shutdown().await;
        }

        #[tokio::test]
        async fn a_divided_view_is_rebuilt() {
            let (stores, _keep) = $open().await;
            let app = start::<Income>(&stores).await;
            let last = earn(&app, 5).await;
            app.wait_for::<Income>(last).await.unwrap();
            app.rebuild::<Income>().await.unwrap();
            let last = earn(&app, 2).await;
            app.wait_for::<Income>(last).await.unwrap();
            assert_eq!(amounts(&app).await, every_account(7));
            app.shutdown().await;
        }
    };
}

#[cfg(feature = "sqlite")]
mod on_sqlite {
    use super::*;

    async fn open() -> (Stores, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("bank.db").display());
        let sqlite = cqrs::sqlite::Sqlite::open(&url).await.unwrap();
        (sqlite.stores(), folder)
    }

    on_a_database!(open);
}

#[cfg(feature = "postgres")]
mod on_postgres {
    use super::*;

    async fn open() -> (Stores, postgres_server::Database) {
        let database = postgres_server::Database::create().await.unwrap();
        let postgres = cqrs::postgres::Postgres::open(database.url()).await;
        (postgres.unwrap().stores(), database)
    }

    on_a_database!(open);
}
