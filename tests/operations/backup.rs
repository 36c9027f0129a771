//! Dumps: restored into another cluster all goes on; put back under views that are ahead it is said.

use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cqrs::Position;
use cqrs::doc::{AccountEvent, Balance};
use cqrs::postgres::Postgres;
use cqrs::prelude::*;
use postgres_server::{Cluster, dump, restore};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Executor, Row, raw_sql};
use tokio_stream::StreamExt;

use crate::domain::{PATIENCE, balance, deposit, is_retrying, open_account, open_app, status_when};

type Handled = Arc<Mutex<Vec<Position>>>;

/// Handles each deposit by noting where it stands.
async fn note_deposits(app: &App) -> Handled {
    let handled = Handled::default();
    let notes = Arc::clone(&handled);
    let handler = move |event: Recorded<AccountEvent>| {
        if matches!(event.data, AccountEvent::Deposited { .. }) {
            notes.lock().unwrap().push(event.position);
        }
        async { Ok::<(), std::io::Error>(()) }
    };
    app.subscribe("notes", handler).await.unwrap();
    handled
}

async fn until_handled(app: &App, position: Position) {
    let mut statuses = app.watch_subscription("notes").unwrap();
    let reached = tokio::time::timeout(PATIENCE, async {
        while statuses.next().await.unwrap().position < position {}
    });
    reached.await.expect("the subscription comes so far");
}

async fn connect(url: &str) -> PgConnection {
    let options = PgConnectOptions::from_str(url).unwrap();
    options.connect().await.unwrap()
}

async fn transaction_id(raw: &mut PgConnection) -> i64 {
    let sql = "SELECT pg_current_xact_id()::text::bigint";
    raw.fetch_one(sql).await.unwrap().get(0)
}

/// Transaction ids of the old cluster are far beyond those of the new one, and positions have gaps.
const USE_UP: [&str; 2] = [
    "DO $$ BEGIN
        FOR number IN 1 .. 3000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP;
    END $$",
    "SELECT nextval('cqrs.events_position_seq') FROM generate_series(1, 7)",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subscriptions_and_views_go_on_in_a_new_cluster() {
    let old = Cluster::start().unwrap();
    let app = open_app(old.url()).await;
    let handled = note_deposits(&app).await;
    open_account(&app, "ada").await;
    let mut positions = Vec::new();
    for amount in 1..=5 {
        positions.push(deposit(&app, "ada", amount).await.position);
    }
    until_handled(&app, positions[4]).await;
    assert_eq!(*handled.lock().unwrap(), positions);
    balance(&app, "ada", positions[4]).await;
    app.shutdown().await;

    let mut raw = connect(old.url()).await;
    for statement in USE_UP {
        raw.execute(raw_sql(statement)).await.unwrap();
    }
    // Nobody has followed these when the dump is taken.
    let alone = App::open(old.url()).await.unwrap();
    let mut unseen = Vec::new();
    for _ in 0..3 {
        unseen.push(deposit(&alone, "ada", 10).await.position);
    }
    alone.shutdown().await;
    let id_there = transaction_id(&mut raw).await;
    let dumped = dump(old.url(), None).unwrap();
    drop((raw, old));

    let new = Cluster::start().unwrap();
    restore(new.url(), &dumped).unwrap();
    let mut raw = connect(new.url()).await;
    assert!(transaction_id(&mut raw).await < id_there);
    let app = open_app(new.url()).await;
    let handled = note_deposits(&app).await;
    for _ in 0..3 {
        unseen.push(deposit(&app, "ada", 100).await.position);
    }
    assert!(unseen.is_sorted_by(|left, right| left < right));
    until_handled(&app, unseen[5]).await;
    assert_eq!(*handled.lock().unwrap(), unseen, "none twice, none skipped");
    assert_eq!(balance(&app, "ada", unseen[5]).await, 15 + 30 + 300);
    app.shutdown().await;
}

/// A log and views in two databases of one server.
struct Apart {
    _server: Cluster,
    log: String,
    views: String,
}

impl Apart {
    async fn start() -> Self {
        let server = Cluster::start().unwrap();
        let mut raw = connect(server.url()).await;
        let (address, _) = server.url().rsplit_once('/').unwrap();
        let (log, views) = (format!("{address}/log"), format!("{address}/views"));
        for create in ["CREATE DATABASE log", "CREATE DATABASE views"] {
            raw.execute(create).await.unwrap();
        }
        Self {
            _server: server,
            log,
            views,
        }
    }

    async fn open(&self) -> App {
        self.open_polling(Duration::from_millis(200)).await
    }

    async fn open_polling(&self, poll: Duration) -> App {
        let views = Postgres::open(&self.views).await.unwrap().views();
        let log = Postgres::open(&self.log).await.unwrap();
        let app = App::builder(log.with_views(Arc::new(views))).poll_interval(poll);
        app.project::<Balance>().await.unwrap()
    }

    /// Three accounts are followed; the dump has the first one alone.
    async fn followed_beyond_a_dump(&self, app: &App) -> String {
        open_account(app, "ada").await;
        let dumped = dump(&self.log, None).unwrap();
        open_account(app, "bob").await;
        let last = open_account(app, "cid").await;
        app.wait_for::<Balance>(last.position).await.unwrap();
        dumped
    }

    async fn put_back(&self, dumped: &str) {
        let mut raw = connect(&self.log).await;
        let drop = "DROP SCHEMA cqrs CASCADE; DROP SCHEMA cqrs_views CASCADE";
        raw.execute(raw_sql(drop)).await.unwrap();
        restore(&self.log, dumped).unwrap();
    }

    /// Another node that has seen nothing of what is lost writes beyond where the view stands.
    async fn write_past_the_view(&self) {
        let app = App::open(&self.log).await.unwrap();
        for id in ["dan", "eve", "fay", "gil"] {
            open_account(&app, id).await;
        }
        app.shutdown().await;
    }
}

async fn assert_said(app: &App) {
    let error = app.wait_for::<Balance>(Position::new(9)).await.unwrap_err();
    let said = "the log was set back behind the view";
    assert!(error.to_string().contains(said), "{error}");
    let problems = app.health().await.problems();
    assert!(
        problems.iter().any(|problem| problem.contains(said)),
        "{problems:?}"
    );
}

#[tokio::test]
async fn a_log_put_back_under_its_views_is_said() {
    let apart = Apart::start().await;
    let app = apart.open().await;
    let dumped = apart.followed_beyond_a_dump(&app).await;
    app.shutdown().await;
    apart.put_back(&dumped).await;
    let app = apart.open().await;
    assert_said(&app).await;
    app.shutdown().await;

    apart.write_past_the_view().await;
    let app = apart.open().await;
    assert_said(&app).await;
    // The way out that the message names.
    app.rebuild::<Balance>().await.unwrap();
    let last = open_account(&app, "hal").await.position;
    app.wait_for::<Balance>(last).await.unwrap();
    assert_eq!(app.view::<Balance>().count().await.unwrap(), 6);
    app.shutdown().await;
}

#[tokio::test]
async fn a_log_put_back_under_a_running_program_is_said() {
    let apart = Apart::start().await;
    // It looks at the log when it appends, and not in between.
    let app = apart.open_polling(Duration::from_secs(3600)).await;
    let dumped = apart.followed_beyond_a_dump(&app).await;
    apart.put_back(&dumped).await;
    apart.write_past_the_view().await;
    open_account(&app, "hal").await;
    let said = |error: &str| error.contains("was set back while this program followed it");
    status_when(&app, |status| {
        is_retrying(status) && status.last_error.as_deref().is_some_and(said)
    })
    .await;
    let problems = app.health().await.problems();
    assert!(problems.iter().all(|problem| said(problem)), "{problems:?}");
    assert_eq!(problems.len(), 2, "the log and the view");
    assert_eq!(app.view::<Balance>().count().await.unwrap(), 3);
    app.shutdown().await;

    let app = apart.open().await;
    assert_said(&app).await;
    app.shutdown().await;
}
