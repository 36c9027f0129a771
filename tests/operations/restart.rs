//! A server that is stopped as by a crash, and one that takes no writes, under a running application.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use cqrs::doc::Balance;
use cqrs::prelude::*;
use cqrs::{Position, store::ReadLog};
use postgres_server::{Cluster, Database};
use sqlx::{AssertSqlSafe, Executor, raw_sql};
use tokio::task::{JoinHandle, block_in_place};

use crate::domain::{
    deposit, deposit_patiently, is_live, is_retrying, open_account, open_app, status_when,
};

/// Patient clients, each with an account of its own.
struct Clients {
    stop: Arc<AtomicBool>,
    done: Arc<AtomicU64>,
    tasks: Vec<JoinHandle<Position>>,
}

impl Clients {
    async fn start(app: &App) -> Self {
        let (stop, done) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let mut tasks = Vec::new();
        for number in 0..4 {
            let id = format!("client-{number}");
            open_account(app, &id).await;
            let (app, stop, done) = (app.clone(), Arc::clone(&stop), Arc::clone(&done));
            tasks.push(tokio::spawn(async move {
                loop {
                    let last = deposit_patiently(&app, &id, 1).await.position;
                    done.fetch_add(1, Ordering::SeqCst);
                    if stop.load(Ordering::SeqCst) {
                        return last;
                    }
                }
            }));
        }
        Self { stop, done, tasks }
    }

    async fn until_more(&self) {
        let before = self.done.load(Ordering::SeqCst);
        while self.done.load(Ordering::SeqCst) < before + 20 {
            tokio::task::yield_now().await;
        }
    }

    /// The last position that was acknowledged, and how many deposits were.
    async fn end(self) -> (Position, u64) {
        self.stop.store(true, Ordering::SeqCst);
        let mut last = Position::START;
        for task in self.tasks {
            last = last.max(task.await.unwrap());
        }
        (last, self.done.load(Ordering::SeqCst))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_goes_on_after_a_crash_of_the_server() {
    let mut server = Cluster::start().unwrap();
    let app = open_app(server.url()).await;
    let clients = Clients::start(&app).await;
    for _ in 0..2 {
        clients.until_more().await;
        block_in_place(|| server.kill()).unwrap();
        status_when(&app, is_retrying).await;
        assert!(app.health().await.log.head.is_err());
        block_in_place(|| server.start_again()).unwrap();
    }
    clients.until_more().await;
    let (last, deposits) = clients.end().await;
    app.wait_for::<Balance>(last).await.unwrap();
    let rows = app.view::<Balance>().page(10).await.unwrap();
    let sum: u64 = rows.iter().map(|row| row.balance).sum();
    assert_eq!(sum, deposits, "each once");
    let request = ReadLog::between(Position::START, last, usize::MAX >> 2);
    let stored = app.events().read_log(&request).await.unwrap();
    assert_eq!(stored.len() as u64, deposits + 4);
    status_when(&app, is_live).await;
    assert!(app.health().await.problems().is_empty());
    app.shutdown().await;
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_waited_for() {
    let database = Database::create().await.unwrap();
    let mut raw = database.connect().await.unwrap();
    let app = open_app(database.url()).await;
    let opened = open_account(&app, "ada").await;
    app.wait_for::<Balance>(opened.position).await.unwrap();

    // Connections that are open keep their settings.
    let mut set = async |value: &str| {
        let name = database.name();
        let sql = format!(
            "ALTER DATABASE {name} SET default_transaction_read_only = {value};
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = '{name}' AND pid <> pg_backend_pid()"
        );
        raw.execute(raw_sql(AssertSqlSafe(sql))).await.unwrap();
    };
    set("on").await;
    let status = status_when(&app, is_retrying).await;
    assert!(status.last_error.unwrap().contains("takes no writes"));
    let id = "ada".into();
    let refused = app.execute(cqrs::doc::AccountCommand::Deposit { id, amount: 1 });
    let refused = format!("{:?}", refused.await.unwrap_err());
    assert!(refused.contains("takes no writes"), "{refused}");

    set("off").await;
    let last = deposit_patiently(&app, "ada", 5).await.position;
    app.wait_for::<Balance>(last).await.unwrap();
    deposit(&app, "ada", 1).await;
    app.shutdown().await;
}
