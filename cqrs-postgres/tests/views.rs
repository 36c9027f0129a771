//! Views as tables: what people see with SQL of their own, what a view may be named, and what others see
//! and wait for meanwhile.

#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use cqrs_core::checkpoint::{Checkpoint, Claim, ClaimOutcome, ClaimRequest};
use cqrs_core::store::StoreError;
use cqrs_core::stream::Position;
use cqrs_core::view::{
    BuildOutcome, ColumnKind, ColumnSchema, PageWrite, Row, RowChanges, SwapOutcome, Test, Value,
    ViewQuery, ViewRowFilter, ViewSchema, ViewStore, ViewTable, WritePageError,
};
use cqrs_postgres::{Postgres, PostgresConfig};
use postgres_server::Database;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor, Row as _};
use uuid::Uuid;

use common::open;

const LOG: Uuid = Uuid::from_u128(7);
const LEASE: Duration = Duration::from_secs(60);

fn schema() -> ViewSchema {
    let mut schema = ViewSchema::new("products", 1);
    schema.columns = vec![
        ColumnSchema::new("code", ColumnKind::Text),
        ColumnSchema::new("stock", ColumnKind::Integer),
        ColumnSchema::new("price", ColumnKind::Decimal),
    ];
    schema.columns[2].scale = Some(2);
    schema.indexes = vec![vec![1]];
    schema
}

fn product(code: &str, stock: i64, price: &str) -> Row {
    vec![
        Value::Text(code.to_owned()),
        Value::Integer(stock),
        Value::Decimal(price.parse().unwrap()),
    ]
}

fn at(position: u64) -> Checkpoint {
    Checkpoint::new(LOG, Position::new(position), None)
}

async fn claim(table: &dyn ViewTable, holder: u128) -> Result<ClaimOutcome, StoreError> {
    let initial = at(0);
    let request = ClaimRequest::new(Uuid::from_u128(holder), LEASE, &initial);
    table.claim(request).await
}

async fn held(table: &dyn ViewTable, holder: u128) -> Claim {
    match claim(table, holder).await.unwrap() {
        ClaimOutcome::Held { claim, .. } => claim,
        other => panic!("it is free: {other:?}"),
    }
}

async fn insert(
    table: &dyn ViewTable,
    claim: &Claim,
    rows: Vec<Row>,
) -> Result<(), WritePageError> {
    let mut fold = |_| {
        Ok(RowChanges {
            inserts: rows.clone(),
            ..RowChanges::default()
        })
    };
    let to = at(1);
    let page = PageWrite::new(claim, Position::START, &to, &mut fold);
    table.write_page(page).await
}

async fn filled(postgres: &Postgres, rows: Vec<Row>) -> Arc<dyn ViewTable> {
    let table = postgres.views().open(&schema()).await.unwrap();
    let claim = held(table.as_ref(), 1).await;
    insert(table.as_ref(), &claim, rows).await.unwrap();
    table
}

async fn rebuild(postgres: &Postgres, stock: i64) {
    let initial = at(0);
    let request = ClaimRequest::new(Uuid::from_u128(2), LEASE, &initial);
    let built = postgres.views().build(&schema(), request).await.unwrap();
    let BuildOutcome::Held { table, claim } = built else {
        panic!("it is free: {built:?}");
    };
    let rows = vec![product("mug", stock, "2.55")];
    insert(table.as_ref(), &claim, rows).await.unwrap();
    let swapped = table.swap(&claim, None).await.unwrap();
    assert_eq!(swapped, SwapOutcome::Swapped);
}

async fn texts(raw: &mut PgConnection, sql: &str) -> Vec<String> {
    let rows = raw.fetch_all(AssertSqlSafe(sql.to_owned())).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn the_plain_name_shows_the_rows_also_after_a_rebuild() {
    let (postgres, database) = open().await;
    filled(&postgres, vec![product("mug", 7, "2.55")]).await;
    let mut raw = database.connect().await.unwrap();
    let shown = "SELECT format('%s %s %s', code, stock, price) FROM cqrs_views.products";
    assert_eq!(texts(&mut raw, shown).await, ["mug 7 2.55"]);
    raw.execute("GRANT SELECT ON cqrs_views.products TO pg_read_all_settings")
        .await
        .unwrap();
    raw.execute("CREATE VIEW cheap AS SELECT * FROM cqrs_views.products WHERE price < 3")
        .await
        .unwrap();
    for stock in 8..11 {
        rebuild(&postgres, stock).await;
        assert_eq!(texts(&mut raw, shown).await, [format!("mug {stock} 2.55")]);
        assert_eq!(texts(&mut raw, "SELECT code FROM cheap").await, ["mug"]);
    }
    let granted =
        "SELECT has_table_privilege('pg_read_all_settings', 'cqrs_views.products', 'SELECT')::text";
    assert_eq!(texts(&mut raw, granted).await, ["true"]);
}

#[tokio::test]
async fn who_must_let_go_of_a_table_is_told() {
    let (postgres, database) = open().await;
    filled(&postgres, vec![product("mug", 7, "2.55")]).await;
    let mut raw = database.connect().await.unwrap();
    raw.execute("CREATE VIEW cheap AS SELECT * FROM cqrs_views.products")
        .await
        .unwrap();
    let mut wider = schema();
    wider.columns[1].nullable = true;
    wider.columns.swap(1, 2);
    wider.indexes.clear();
    let new = postgres.views().open(&wider).await.unwrap();
    let claim = held(new.as_ref(), 1).await;
    insert(new.as_ref(), &claim, Vec::new()).await.unwrap();
    let refused = new.swap(&claim, None).await.unwrap_err();
    assert!(
        format!("{refused:?}").contains("depend on it"),
        "{refused:?}"
    );
    raw.execute("DROP VIEW cheap").await.unwrap();
    let swapped = new.swap(&claim, None).await.unwrap();
    assert_eq!(swapped, SwapOutcome::Swapped);
}

/// Prepared statements of other nodes find the new table by themselves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_see_old_rows_or_new_ones_and_never_an_error() {
    let (postgres, database) = open().await;
    filled(&postgres, vec![product("mug", 0, "2.55")]).await;
    let (ended, reads) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let mut readers = Vec::new();
    for _ in 0..3 {
        let node = Postgres::open(database.url()).await.unwrap();
        let table = node.views().open(&schema()).await.unwrap();
        let (ended, reads) = (Arc::clone(&ended), Arc::clone(&reads));
        readers.push(tokio::spawn(async move {
            let (key, mut last) = ([Value::Text("mug".to_owned())], 0);
            while !ended.load(Ordering::SeqCst) {
                for rows in [
                    table.get(&key).await.unwrap(),
                    table.query(&ViewQuery::first(10)).await.unwrap(),
                ] {
                    let [row] = &rows[..] else {
                        panic!("one row: {rows:?}");
                    };
                    let Value::Integer(stock) = row[1] else {
                        panic!("a number: {row:?}");
                    };
                    assert!(stock >= last, "never back: {stock} after {last}");
                    last = stock;
                }
                reads.fetch_add(1, Ordering::SeqCst);
            }
        }));
    }
    for stock in 1..21 {
        rebuild(&postgres, stock).await;
        let seen = reads.load(Ordering::SeqCst);
        while reads.load(Ordering::SeqCst) < seen + 3 {
            assert!(readers.iter().all(|reader| !reader.is_finished()));
            tokio::task::yield_now().await;
        }
    }
    ended.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_nodes_open_a_view_at_once() {
    let (_postgres, database) = open().await;
    let mut nodes = Vec::new();
    for holder in 1..9 {
        let node = Postgres::open(database.url()).await.unwrap();
        nodes.push(tokio::spawn(async move {
            let table = node.views().open(&schema()).await.unwrap();
            let claimed = claim(table.as_ref(), holder).await.unwrap();
            matches!(claimed, ClaimOutcome::Held { .. })
        }));
    }
    let mut holders = 0;
    for node in nodes {
        holders += u64::from(node.await.unwrap());
    }
    assert_eq!(holders, 1);
}

#[tokio::test]
async fn indexes_follow_the_schema() {
    let (postgres, database) = open().await;
    let mut schema = schema();
    postgres.views().open(&schema).await.unwrap();
    let mut raw = database.connect().await.unwrap();
    let table = format!("cqrs_views.products_{:016x}", schema.fingerprint());
    let own = format!("CREATE INDEX by_hand ON {table} (code, price)");
    raw.execute(AssertSqlSafe(own)).await.unwrap();
    schema.indexes = vec![vec![2], vec![1, 2]];
    postgres.views().open(&schema).await.unwrap();
    let sql = "SELECT split_part(indexdef, ' btree ', 2) FROM pg_indexes WHERE schemaname = 'cqrs_views' ORDER BY 1";
    let expected = [
        "(code)",
        "(code, price)",
        "(price, code)",
        "(stock, price, code)",
    ];
    assert_eq!(texts(&mut raw, sql).await, expected);
}

/// Whatever Postgres, or a table of ours, is named.
#[tokio::test]
async fn a_view_and_its_fields_may_have_any_name() {
    let (postgres, database) = open().await;
    let long: [&'static str; 2] = [
        "a_view_whose_name_is_as_long_as_names_in_postgres_can_be_at_all",
        "a_view_whose_name_is_as_long_as_names_in_postgres_can_be_at_al2",
    ];
    for name in ["events", "checkpoints", "user", "Order", long[0], long[1]] {
        let mut schema = ViewSchema::new(name, 1);
        let fields = ["xmin", "select", "ctid", "wanted", "größe"];
        let column = |field| ColumnSchema::new(field, ColumnKind::Text);
        schema.columns = fields.map(column).into();
        schema.indexes = vec![vec![1], vec![2]];
        schema.full_text = vec![1, 4];
        let table = postgres.views().open(&schema).await.unwrap();
        let claim = held(table.as_ref(), 1).await;
        let row: Row = fields.map(|field| Value::Text(field.to_owned())).into();
        insert(table.as_ref(), &claim, vec![row.clone()])
            .await
            .unwrap();
        assert_eq!(table.query(&ViewQuery::first(2)).await.unwrap(), [row]);
        let mut raw = database.connect().await.unwrap();
        let shown = format!("SELECT xmin || ctid FROM cqrs_views.\"{name}\"");
        assert_eq!(texts(&mut raw, &shown).await, ["xminctid"]);
    }
    let refused = async |name: &'static str| {
        let refused = postgres.views().open(&ViewSchema::new(name, 1)).await;
        format!("{:?}", refused.err().unwrap())
    };
    assert!(refused("a\"b").await.contains("letters, digits and `_`"));
    let longer = "x".repeat(64).leak();
    assert!(refused(longer).await.contains("1 to 63"));
}

#[tokio::test]
async fn what_somebody_else_made_under_the_name_stays() {
    let (postgres, database) = open().await;
    let mut raw = database.connect().await.unwrap();
    raw.execute("CREATE TABLE cqrs_views.products (mine text)")
        .await
        .unwrap();
    let refused = postgres.views().open(&schema()).await.err().unwrap();
    let text = format!("{refused:?}");
    assert!(
        text.contains("something else by the name `products`"),
        "{text}"
    );
    raw.execute("SELECT mine FROM cqrs_views.products")
        .await
        .unwrap();
    let tables = "SELECT count(*)::text FROM pg_tables WHERE schemaname = 'cqrs_views'";
    assert_eq!(texts(&mut raw, tables).await, ["1"], "nothing was made");
}

#[tokio::test]
async fn a_text_that_postgres_cannot_keep_is_the_events_fault() {
    let (postgres, _database) = open().await;
    let table = filled(&postgres, vec![product("mug", 7, "2.55")]).await;
    let claim = held(table.as_ref(), 1).await;
    let rows = vec![product("a\0b", 1, "1.00")];
    let mut fold = |_| {
        Ok(RowChanges {
            inserts: rows.clone(),
            ..RowChanges::default()
        })
    };
    let to = at(2);
    let page = PageWrite::new(&claim, Position::new(1), &to, &mut fold);
    let failed = table.write_page(page).await.unwrap_err();
    assert!(matches!(failed, WritePageError::Fold(_)), "{failed:?}");
    assert!(failed.to_string().contains("`code`"), "{failed}");
    assert_eq!(table.checkpoint().await.unwrap(), at(1));

    let nul = Value::Text("mug\0".to_owned());
    assert!(
        table
            .get(std::slice::from_ref(&nul))
            .await
            .unwrap()
            .is_empty()
    );
    for test in [Test::Equals(nul.clone()), Test::OneOf(vec![nul])] {
        let filter = ViewRowFilter { column: 0, test };
        assert_eq!(table.count(&[filter]).await.unwrap(), 0);
    }
}

/// A worker of another machine: it begins a page, and ends it when it is told to.
async fn stand_still(
    config: PostgresConfig,
    begun: std::sync::mpsc::Sender<()>,
    may_go_on: std::sync::mpsc::Receiver<()>,
) -> Result<(), WritePageError> {
    let still = Postgres::open_with(config).await.unwrap();
    let (table, initial) = (still.views().open(&schema()).await.unwrap(), at(0));
    let request = ClaimRequest::new(Uuid::from_u128(1), Duration::ZERO, &initial);
    let ClaimOutcome::Held { claim, .. } = table.claim(request).await.unwrap() else {
        panic!("it is free");
    };
    let mut fold = move |_| {
        begun.send(()).unwrap();
        may_go_on.recv().unwrap();
        let inserts = vec![product("late", 1, "1.00")];
        Ok(RowChanges {
            inserts,
            ..RowChanges::default()
        })
    };
    let to = at(1);
    let page = PageWrite::new(&claim, Position::START, &to, &mut fold);
    table.write_page(page).await
}

/// Its transaction is ended, so that another worker can take the lease.
#[tokio::test]
async fn a_worker_that_stands_still_in_a_page_keeps_nobody_out() {
    let database = Database::create().await.unwrap();
    let mut config = PostgresConfig::from_url(database.url()).unwrap();
    config.lock_timeout = Duration::from_millis(200);
    let other = Postgres::open_with(config.clone()).await.unwrap();
    let (begun, has_begun) = std::sync::mpsc::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel();
    let still = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let standing = stand_still(config, begun, may_go_on);
        runtime.unwrap().block_on(standing)
    });
    has_begun.recv().unwrap();
    let table = loop {
        match other.views().open(&schema()).await {
            Err(StoreError::Busy { .. }) => {}
            table => break table.unwrap(),
        }
    };
    let taken = held(table.as_ref(), 2).await;
    go_on.send(()).unwrap();
    let late = still.join().unwrap();
    assert!(matches!(late, Err(WritePageError::Store(_))), "{late:?}");
    assert_eq!(table.count(&[]).await.unwrap(), 0);
    let rows = vec![product("mug", 1, "1.00")];
    insert(table.as_ref(), &taken, rows).await.unwrap();
}
