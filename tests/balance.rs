//! ⑥ Nodes on one database share the partitions of a view: when one comes, ends or dies, while events come in.

#![cfg(feature = "sqlite")]
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cqrs::Position;
use cqrs::doc::{AccountCommand::*, AccountEvent, AccountId};
use cqrs::prelude::*;
use cqrs::projection::ProjectionOptions;
use tokio::runtime::{Builder, Runtime};

const PARTITIONS: usize = 8;
/// Of each node.
const THREADS: usize = 2;
const ACCOUNTS: u64 = 40;
const LEASE: Duration = Duration::from_secs(2);
/// Longer than anything takes that is not broken.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Projection, Clone, Debug, PartialEq)]
#[projection(name = "incomes", partitions = 8, events(AccountEvent))]
struct Income {
    account: AccountId,
    deposits: u64,
    amount: u64,
}

impl Project<AccountEvent> for Income {
    fn project(event: &Recorded<AccountEvent>, rows: &mut Rows<Self>) {
        if let AccountEvent::Deposited { amount } = event.data {
            rows.upsert(&event.id, |row| {
                row.deposits += 1;
                row.amount += amount;
            });
        }
    }
}

fn account(number: u64) -> AccountId {
    format!("account-{number}").as_str().into()
}

/// A node, as a process would be: with a runtime of its own.
struct Node {
    runtime: Runtime,
    app: App,
}

fn runtime() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder
        .worker_threads(THREADS)
        .enable_all()
        .build()
        .unwrap()
}

impl Node {
    fn start(url: &str) -> Self {
        let runtime = runtime();
        let app = App::open(url)
            .project_with::<Income>(ProjectionOptions::default().lease(LEASE))
            .wait_timeout(PATIENCE);
        let app = runtime.block_on(async { app.await.unwrap() });
        Self { runtime, app }
    }

    /// How many partitions it feeds.
    fn fed(&self) -> usize {
        let status = self.app.projections().remove(0);
        let partitions = status.partitions.iter();
        partitions.filter(|one| one.state.is_feeding()).count()
    }

    fn end(self) {
        self.runtime.block_on(self.app.shutdown());
    }

    /// Stands still meanwhile, as a process that its machine has stopped, and then goes on as if nothing was.
    fn stand_still(&self, meanwhile: impl FnOnce()) {
        let (gate, met) = (
            Arc::new(Mutex::new(())),
            Arc::new(Barrier::new(THREADS + 1)),
        );
        let closed = gate.lock().unwrap();
        for _ in 0..THREADS {
            let (gate, met) = (Arc::clone(&gate), Arc::clone(&met));
            self.runtime.spawn(async move {
                met.wait();
                drop(gate.lock());
            });
        }
        met.wait();
        meanwhile();
        drop(closed);
    }

    /// Nothing of it runs any more, and it gives nothing back.
    fn die(self) {
        self.runtime.shutdown_background();
    }

    fn wait_for(&self, position: Position) {
        let waited = self.app.wait_for::<Income>(position);
        self.runtime.block_on(waited).unwrap();
    }

    /// The deposits of each account, and what they come to.
    fn rows(&self) -> BTreeMap<AccountId, (u64, u64)> {
        let page = self.app.view::<Income>().page(1000);
        let page = self.runtime.block_on(page).unwrap();
        let rows = page.into_iter();
        rows.map(|row| (row.account, (row.deposits, row.amount)))
            .collect()
    }
}

/// Somebody who pays into all accounts, one after the other, all the while.
struct Payer {
    stop: Arc<AtomicBool>,
    paid: mpsc::Receiver<Position>,
    thread: JoinHandle<BTreeMap<AccountId, (u64, u64)>>,
}

impl Payer {
    fn start(url: &str) -> Self {
        let (url, stop) = (url.to_owned(), Arc::<AtomicBool>::default());
        let (tell, paid) = mpsc::channel();
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            runtime().block_on(async move {
                let app = App::open(&url).await.unwrap();
                for number in 0..ACCOUNTS {
                    let (id, owner) = (account(number), String::new());
                    app.execute(Open { id, owner }).await.unwrap();
                }
                let mut rows = BTreeMap::<_, (u64, u64)>::new();
                for number in (0..ACCOUNTS).cycle() {
                    if stopped.load(Ordering::SeqCst) {
                        break;
                    }
                    let (id, amount) = (account(number), number + 1);
                    let receipt = app
                        .execute(Deposit {
                            id: id.clone(),
                            amount,
                        })
                        .await
                        .unwrap();
                    let row = rows.entry(id).or_default();
                    *row = (row.0 + 1, row.1 + amount);
                    tell.send(receipt.position).unwrap();
                    // As fast as it can, it would leave nothing of a small machine to the nodes.
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                app.shutdown().await;
                rows
            })
        });
        Self { stop, paid, thread }
    }

    /// The position of a payment after this moment.
    fn next(&self) -> Position {
        while self.paid.try_recv().is_ok() {}
        self.paid.recv_timeout(PATIENCE).unwrap();
        self.paid.recv_timeout(PATIENCE).unwrap()
    }

    /// The last payment, and what the rows must be.
    fn end(self) -> (Position, BTreeMap<AccountId, (u64, u64)>) {
        self.stop.store(true, Ordering::SeqCst);
        let mut last = Position::START;
        for position in &self.paid {
            last = position;
        }
        (last, self.thread.join().unwrap())
    }
}

/// Waits until the nodes feed so many partitions each, in any order; how long that took.
fn until_fed(nodes: &[&Node], expected: &[usize]) -> Duration {
    let begun = Instant::now();
    loop {
        let mut fed: Vec<usize> = nodes.iter().map(|node| node.fed()).collect();
        fed.sort_unstable();
        if fed == expected {
            return begun.elapsed();
        }
        assert!(begun.elapsed() < PATIENCE, "{fed:?} and not {expected:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Three nodes come, one after the other; one ends and one dies.
fn share(url: &str, epochs: impl Fn() -> Vec<i64>) {
    let payer = Payer::start(url);
    let first = Node::start(url);
    until_fed(&[&first], &[PARTITIONS]);
    assert_eq!(epochs(), [1; PARTITIONS]);

    let second = Node::start(url);
    println!(
        "shared by two after {:?}",
        until_fed(&[&first, &second], &[4, 4])
    );
    let moved = |epochs: &[i64]| epochs.iter().sum::<i64>() - PARTITIONS as i64;
    assert_eq!(moved(&epochs()), 4, "no more than the second one's share");
    let third = Node::start(url);
    let nodes = [&first, &second, &third];
    println!("shared by three after {:?}", until_fed(&nodes, &[2, 3, 3]));
    let shared = epochs();
    assert!(moved(&shared) <= 4 + 3, "{shared:?}");
    for node in nodes {
        node.wait_for(payer.next());
    }

    // While nothing happens, nothing moves, however long.
    let quiet = Instant::now();
    while quiet.elapsed() < LEASE * 2 {
        first.wait_for(payer.next());
    }
    assert_eq!(epochs(), shared);

    second.end();
    println!(
        "shared by two again after {:?}",
        until_fed(&[&first, &third], &[4, 4])
    );
    first.wait_for(payer.next());
    third.stand_still(|| {
        println!(
            "taken over from one that stands still after {:?}",
            until_fed(&[&first], &[PARTITIONS])
        );
        first.wait_for(payer.next());
    });
    println!(
        "shared again when it goes on after {:?}",
        until_fed(&[&first, &third], &[4, 4])
    );
    third.wait_for(payer.next());
    third.die();
    println!("taken over after {:?}", until_fed(&[&first], &[PARTITIONS]));
    first.wait_for(payer.next());
    assert!(epochs().iter().all(|epoch| *epoch <= 7), "{:?}", epochs());

    let (last, rows) = payer.end();
    first.wait_for(last);
    assert_eq!(first.rows(), rows);
    first.end();
}

#[test]
fn nodes_on_one_file_share_a_view() {
    use sqlx::ConnectOptions;
    use sqlx::sqlite::SqliteConnectOptions;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("incomes.db");
    let runtime = runtime();
    share(&format!("sqlite:{}", file.display()), || {
        runtime.block_on(async {
            let options = SqliteConnectOptions::new().filename(&file);
            let options = options.busy_timeout(PATIENCE);
            let mut file = options.connect().await.unwrap();
            let read =
                "SELECT epoch FROM cqrs_checkpoints WHERE view = 'incomes' ORDER BY partition";
            sqlx::query_scalar(read).fetch_all(&mut file).await.unwrap()
        })
    });
}

#[cfg(feature = "postgres")]
#[test]
fn nodes_on_one_server_share_a_view() {
    let runtime = runtime();
    let database = runtime
        .block_on(postgres_server::Database::create())
        .unwrap();
    let url = database.url().to_owned();
    share(&url, || {
        runtime.block_on(async {
            let mut database = database.connect().await.unwrap();
            let read =
                "SELECT epoch FROM cqrs.checkpoints WHERE view = 'incomes' ORDER BY partition";
            sqlx::query_scalar(read)
                .fetch_all(&mut database)
                .await
                .unwrap()
        })
    });
}
