//! ⑦ A process that is killed in the middle of a rebuild leaves the view as it was.

#![cfg(all(feature = "sqlite", unix))]
#![allow(missing_docs, clippy::unwrap_used)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use cqrs::doc::{AccountCommand::*, Balance};
use cqrs::prelude::*;
use cqrs::projection::ProjectionOptions;
use sqlx::{Connection, SqliteConnection};
use tokio_stream::StreamExt;

const FILE: &str = "CQRS_KILLED_REBUILD_FILE";
/// So many that the kill comes long before the last of them.
const DEPOSITS: u64 = 800;

fn url(file: &Path) -> String {
    format!("sqlite:{}", file.display())
}

async fn open(file: &Path) -> App {
    let lease = Duration::from_millis(300);
    let options = ProjectionOptions::default().page_size(1).lease(lease);
    let app = App::open(url(file)).project_with::<Balance>(options);
    app.await.unwrap()
}

/// Not a test by itself: the parent starts it and kills it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Some(file) = std::env::var_os(FILE) else {
        return;
    };
    let app = open(Path::new(&file)).await;
    let rebuild = app.rebuild::<Balance>();
    let mut progress = rebuild.progress();
    tokio::spawn(async move {
        while let Some(now) = progress.next().await {
            println!("done {}", now.done);
        }
    });
    rebuild.await.unwrap();
}

/// Kills the child when it has built so many events.
fn kill_at(file: &Path, events: u64) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(FILE, file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let done = lines.map_while(Result::ok).filter_map(|line| {
        let (_, done) = line.split_once("done ")?;
        done.trim().parse::<u64>().ok()
    });
    let mut killed = None;
    for done in done {
        if done >= events && killed.is_none() {
            child.kill().unwrap();
            killed = Some(done);
        }
    }
    child.wait().unwrap();
    assert!(killed.is_some_and(|done| done < DEPOSITS), "{killed:?}");
}

async fn numbers(file: &Path, sql: &'static str) -> i64 {
    let mut file = SqliteConnection::connect(&url(file)).await.unwrap();
    sqlx::query_scalar(sql).fetch_one(&mut file).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_rebuild_leaves_the_view_and_begins_anew() {
    const BALANCE: &str = "SELECT balance FROM balances";
    const CHECKPOINTS: &str = "SELECT count(*) FROM cqrs_checkpoints";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bank.db");
    let app = open(&file).await;
    let (id, owner) = ("ada".into(), "Ada".into());
    let mut position = app.execute(Open { id, owner }).await.unwrap().position;
    for _ in 0..DEPOSITS {
        let id = "ada".into();
        position = app
            .execute(Deposit { id, amount: 1 })
            .await
            .unwrap()
            .position;
    }
    app.wait_for::<Balance>(position).await.unwrap();
    app.shutdown().await;

    for events in [1, 40, 90] {
        kill_at(&file, events);
        assert_eq!(numbers(&file, BALANCE).await, DEPOSITS as i64);
        assert_eq!(numbers(&file, CHECKPOINTS).await, 2, "what is left of it");
    }
    let app = open(&file).await;
    app.rebuild::<Balance>().await.unwrap();
    assert_eq!(numbers(&file, BALANCE).await, DEPOSITS as i64);
    assert_eq!(numbers(&file, CHECKPOINTS).await, 1);
    let id = "ada".into();
    let position = app
        .execute(Deposit { id, amount: 1 })
        .await
        .unwrap()
        .position;
    app.wait_for::<Balance>(position).await.unwrap();
    assert_eq!(numbers(&file, BALANCE).await, DEPOSITS as i64 + 1);
    app.shutdown().await;
}
