//! Whatever the commands and however the log is split into pages, restarts and takeovers, a view is
//! the fold of the log.

#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::time::Duration;

use cqrs::doc::{AccountCommand, AccountCommand::*, Balance};
use cqrs::prelude::*;
use cqrs::projection::ProjectionOptions;
use cqrs::store::Stores;
use cqrs::{ExecuteError, Position};
use proptest::prelude::*;

/// A command to one of a few accounts, small enough that rejections and conflicts are common.
fn command() -> impl Strategy<Value = AccountCommand> {
    let account = (0..4_u8).prop_map(|number| format!("account-{number}"));
    (account, 0..3_u8, 1..20_u64).prop_map(|(account, kind, amount)| {
        let id = account.as_str().into();
        match kind {
            0 => Open {
                id,
                owner: format!("owner of {account}"),
            },
            1 => Deposit { id, amount },
            _ => Withdraw { id, amount },
        }
    })
}

/// The business, without any framework: what is right.
fn fold(accounts: &mut BTreeMap<String, u64>, command: &AccountCommand) -> bool {
    match command {
        Open { id, .. } => {
            let new = !accounts.contains_key(&id.to_string());
            accounts.entry(id.to_string()).or_default();
            new
        }
        Deposit { id, amount } => match accounts.get_mut(&id.to_string()) {
            Some(balance) => {
                *balance += amount;
                true
            }
            None => false,
        },
        Withdraw { id, amount } => match accounts.get_mut(&id.to_string()) {
            Some(balance) if *balance >= *amount => {
                *balance -= amount;
                true
            }
            _ => false,
        },
    }
}

async fn rows(app: &App) -> BTreeMap<String, u64> {
    let page = app.view::<Balance>().page(100).await.unwrap();
    page.into_iter()
        .map(|row| (row.account.to_string(), row.balance))
        .collect()
}

/// Two processes take turns, each with a cache of its own; views start and stop in between.
async fn run(stores: Stores, commands: Vec<AccountCommand>, page: usize, restart: usize) {
    let options = ProjectionOptions::default()
        .page_size(page)
        .lease(Duration::from_secs(60));
    let start = || async {
        let app = App::builder(stores.clone());
        app.project_with::<Balance>(options.clone()).await.unwrap()
    };
    let other = App::builder(stores.clone()).await.unwrap();
    let mut app = start().await;
    let mut expected = BTreeMap::new();
    let mut last = Position::START;
    for (number, command) in commands.into_iter().enumerate() {
        let legal = fold(&mut expected, &command);
        let executor = if number % 3 == 0 { &other } else { &app };
        match executor.execute(command).await {
            Ok(receipt) => {
                assert!(legal, "a command was accepted that the business refuses");
                last = receipt.position;
            }
            Err(
                ExecuteError::Rejected(_)
                | ExecuteError::NotFound { .. }
                | ExecuteError::AlreadyExists { .. },
            ) => {
                assert!(!legal, "a command was refused that the business accepts");
            }
            Err(error) => panic!("{error}"),
        }
        if number % restart == 0 {
            app.shutdown().await;
            app = start().await;
        }
    }
    app.wait_for::<Balance>(last).await.unwrap();
    assert_eq!(rows(&app).await, expected);
    app.shutdown().await;
}

fn block_on(future: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(future);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_view_in_memory_is_the_fold_of_the_log(
        commands in prop::collection::vec(command(), 1..80),
        page in 1..10_usize,
        restart in 1..12_usize,
    ) {
        block_on(run(Stores::memory(), commands, page, restart));
    }
}

#[cfg(feature = "sqlite")]
proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn a_view_on_sqlite_is_the_fold_of_the_log(
        commands in prop::collection::vec(command(), 1..40),
        page in 1..10_usize,
        restart in 1..12_usize,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bank.db");
        block_on(async {
            let sqlite = cqrs::sqlite::Sqlite::open(&format!("sqlite:{}", file.display())).await.unwrap();
            run(sqlite.stores(), commands, page, restart).await;
        });
    }
}
