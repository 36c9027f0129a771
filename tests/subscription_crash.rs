//! A subscription whose process is killed: every event is handed over, in order, and after a kill
//! only such again as were not stored yet.

#![cfg(all(feature = "sqlite", unix))]
#![allow(missing_docs, clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use cqrs::doc::{AccountCommand::*, AccountEvent};
use cqrs::prelude::*;
use cqrs::subscription::SubscriptionOptions;

const FILE: &str = "CQRS_SUBSCRIPTION_FILE";
const EVENTS: u64 = 120;
const PAGE: u64 = 7;

async fn open(file: &Path) -> App {
    App::open(format!("sqlite:{}", file.display()))
        .await
        .unwrap()
}

/// Not a test by itself: the parent starts it and kills it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Some(file) = std::env::var_os(FILE) else {
        return;
    };
    let app = open(Path::new(&file)).await;
    let options = SubscriptionOptions::default()
        .page_size(PAGE as usize)
        .lease(Duration::from_millis(100));
    let handler = |event: Recorded<AccountEvent>| async move {
        let mut out = std::io::stdout().lock();
        writeln!(out, "handled {}", event.position)?;
        out.flush()
    };
    app.subscribe_with("mail", options, handler).await.unwrap();
    std::future::pending::<()>().await;
}

/// Runs the child until it has handled so many events, kills it, and says which it has handled.
fn run_and_kill(file: &Path, count: usize, last: u64) -> Vec<u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(FILE, file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut handled = Vec::new();
    for line in lines.map_while(Result::ok) {
        let Some((_, position)) = line.split_once("handled ") else {
            continue;
        };
        handled.push(position.trim().parse().unwrap());
        if handled.len() == count || handled.last() == Some(&last) {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    handled
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_processes_skip_nothing_and_repeat_little() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bank.db");
    let app = open(&file).await;
    let id = || "ada".into();
    let owner = "Ada".to_owned();
    app.execute(Open { id: id(), owner }).await.unwrap();
    for amount in 1..EVENTS {
        app.execute(Deposit { id: id(), amount }).await.unwrap();
    }
    let (mut reached, mut kills) = (0, 0);
    while reached < EVENTS {
        let handled = run_and_kill(&file, 3 + kills * 5 % 17, EVENTS);
        kills += 1;
        let first = handled[0];
        assert!(first <= reached + 1, "skipped: {first} after {reached}");
        assert!(
            first + PAGE > reached,
            "more than a page again: {first} after {reached}"
        );
        let in_order = handled.windows(2).all(|pair| pair[1] == pair[0] + 1);
        assert!(in_order, "{handled:?}");
        reached = reached.max(handled[handled.len() - 1]);
    }
    assert!(kills > 3, "it was killed {kills} times");
}
