//! A process that is killed at any moment loses no acknowledged command and doubles none, in the
//! log and in the view.

#![cfg(all(feature = "sqlite", unix))]
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use cqrs::doc::{Account, AccountCommand::*, Balance};
use cqrs::prelude::*;
use cqrs::projection::ProjectionOptions;
use cqrs::store::ReadLog;
use cqrs::{ExecuteError, Position};
use uuid::Uuid;

const FILE: &str = "CQRS_CRASH_FILE";
const FROM: &str = "CQRS_CRASH_FROM";
const ACCOUNTS: u64 = 5;
const KILLS: u64 = 12;

/// The same command has the same id in every process, so that one sent again is recognised.
fn command_id(number: u64) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, &number.to_be_bytes())
}

fn account(number: u64) -> String {
    format!("account-{}", number % ACCOUNTS)
}

async fn open(file: &Path) -> App {
    let lease = std::time::Duration::from_millis(300);
    let options = ProjectionOptions::default().page_size(3).lease(lease);
    let app = App::open(format!("sqlite:{}", file.display()));
    app.project_with::<Balance>(options).await.unwrap()
}

/// Not a test by itself: the parent starts it and kills it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Some(file) = std::env::var_os(FILE) else {
        return;
    };
    let from: u64 = std::env::var(FROM).unwrap().parse().unwrap();
    let app = open(Path::new(&file)).await;
    for number in 0..ACCOUNTS {
        let owner = number.to_string();
        match app
            .execute(Open {
                id: account(number).as_str().into(),
                owner,
            })
            .await
        {
            Ok(_) | Err(ExecuteError::AlreadyExists { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    for number in from.. {
        let id = account(number).as_str().into();
        app.execute(Deposit { id, amount: 1 })
            .with_id(command_id(number))
            .await
            .unwrap();
        println!("acknowledged {number}");
    }
}

/// Runs the child until it has acknowledged some commands, kills it, and says the last one.
fn run_and_kill(file: &Path, from: u64, acknowledgements: usize) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(FILE, file)
        .env(FROM, from.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let numbers = lines.map_while(Result::ok).filter_map(|line| {
        let (_, number) = line.split_once("acknowledged ")?;
        number.trim().parse::<u64>().ok()
    });
    let mut killed = false;
    let mut last = from;
    for (count, number) in numbers.enumerate() {
        last = number;
        if count >= acknowledgements && !killed {
            child.kill().unwrap();
            killed = true;
        }
    }
    assert!(killed, "the child ended by itself");
    child.wait().unwrap();
    last
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_processes_lose_and_double_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bank.db");
    let mut from = 0;
    for kill in 0..KILLS {
        let last = run_and_kill(&file, from, 3 + (kill * 7 % 23) as usize);
        // Some that were acknowledged are sent again, as by a caller who saw no answer.
        from = last.saturating_sub(kill % 3);
    }
    let app = open(&file).await;
    let head = app.head().await.unwrap().position;
    app.wait_for::<Balance>(head).await.unwrap();

    let whole = ReadLog::between(Position::START, head, 1_000_000);
    let log = app.events().read_log(&whole);
    let mut stored: BTreeMap<Uuid, u64> = BTreeMap::new();
    for event in log
        .await
        .unwrap()
        .iter()
        .filter(|event| event.name == "account.deposited")
    {
        *stored.entry(event.command_id).or_default() += 1;
    }
    for number in 0..=from {
        assert_eq!(
            stored.get(&command_id(number)),
            Some(&1),
            "command {number}"
        );
    }
    assert!(
        stored.values().all(|count| *count == 1),
        "a command was stored twice"
    );
    for number in 0..ACCOUNTS {
        let id = account(number).as_str().into();
        let state = app.load::<Account>(&id).await.unwrap().unwrap().state;
        let row = app.view::<Balance>().get(&id).await.unwrap().unwrap();
        assert_eq!(row.balance, state.balance, "account {number}");
    }
    app.shutdown().await;
}
