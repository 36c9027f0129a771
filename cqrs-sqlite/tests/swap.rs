//! Tables beside tables in a file: names, indexes and what people see with SQL of their own.

#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;
use std::time::Duration;

use cqrs_core::checkpoint::{Checkpoint, Claim, ClaimOutcome, ClaimRequest};
use cqrs_core::stream::Position;
use cqrs_core::view::{
    BuildOutcome, ColumnKind, ColumnSchema, PageWrite, RowChanges, SwapOutcome, Value, ViewSchema,
    ViewStore, ViewTable,
};
use cqrs_sqlite::Sqlite;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Executor, Row as _};
use uuid::Uuid;

use common::{number, open, place, raw};

const LEASE: Duration = Duration::from_secs(60);
const LOG: Uuid = Uuid::from_u128(7);

fn schema(version: u32) -> ViewSchema {
    let mut schema = ViewSchema::new("products", version);
    schema.columns = vec![
        ColumnSchema::new("code", ColumnKind::Text),
        ColumnSchema::new("stock", ColumnKind::Integer),
    ];
    schema.indexes = vec![vec![1], vec![1, 0]];
    schema
}

fn at(position: u64) -> Checkpoint {
    Checkpoint::new(LOG, Position::new(position), None)
}

async fn claim(table: &dyn ViewTable) -> Claim {
    let initial = at(0);
    let request = ClaimRequest::new(Uuid::from_u128(1), LEASE, &initial);
    match table.claim(request).await.unwrap() {
        ClaimOutcome::Held { claim, .. } => claim,
        other => panic!("the lease is not free: {other:?}"),
    }
}

/// One product with this stock, by one page.
async fn fill(table: &dyn ViewTable, stock: i64) -> Claim {
    let claim = claim(table).await;
    let row = vec![Value::Text("a".to_owned()), Value::Integer(stock)];
    let mut fold = |_| {
        Ok(RowChanges {
            inserts: vec![row.clone()],
            ..RowChanges::default()
        })
    };
    let to = at(1);
    let mut page = PageWrite::new(&claim, Position::START, &to, &mut fold);
    page.keys = vec![Value::Text("a".to_owned())];
    table.write_page(page).await.unwrap();
    claim
}

async fn opened(sqlite: &Sqlite, version: u32, stock: i64) -> (Arc<dyn ViewTable>, Claim) {
    let table = sqlite.views().open(&schema(version)).await.unwrap();
    let claim = fill(table.as_ref(), stock).await;
    (table, claim)
}

async fn rebuild(sqlite: &Sqlite, stock: i64) {
    let initial = at(0);
    let request = ClaimRequest::new(Uuid::from_u128(1), LEASE, &initial);
    let built = sqlite.views().build(&schema(1), request).await.unwrap();
    let BuildOutcome::Held { table, .. } = built else {
        panic!("it is free");
    };
    let claim = fill(table.as_ref(), stock).await;
    let swapped = table.swap(&claim, None).await.unwrap();
    assert_eq!(swapped, SwapOutcome::Swapped);
}

async fn names(file: &mut SqliteConnection) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_schema
        WHERE tbl_name LIKE 'products%' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let rows = file.fetch_all(sql).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn the_plain_name_shows_a_changed_view_after_the_swap() {
    let (_folder, path) = place();
    let sqlite = open(&path).await;
    opened(&sqlite, 1, 10).await;
    let (changed, claim) = opened(&sqlite, 2, 20).await;
    let mut file = raw(&path).await;
    let shown = "SELECT stock FROM products";
    assert_eq!(number(&mut file, shown).await, 10);
    sqlite.views().open(&schema(2)).await.unwrap();
    assert_eq!(number(&mut file, shown).await, 10, "opening swaps nothing");
    changed.swap(&claim, None).await.unwrap();
    assert_eq!(number(&mut file, shown).await, 20);
    sqlite.views().open(&schema(1)).await.unwrap();
    assert_eq!(number(&mut file, shown).await, 20, "nor does older code");
}

#[tokio::test]
async fn a_built_table_keeps_the_name_and_has_its_indexes() {
    let (_folder, path) = place();
    let sqlite = open(&path).await;
    let (table, _) = opened(&sqlite, 1, 0).await;
    let mut file = raw(&path).await;
    let physical = format!("products_{:016x}", schema(1).fingerprint());
    for stock in 1..5 {
        rebuild(&sqlite, stock).await;
        let names = names(&mut file).await;
        assert_eq!(
            names.len(),
            4,
            "two indexes, the table, its view: {names:?}"
        );
        assert!(names.contains(&physical), "{names:?}");
        assert_eq!(number(&mut file, "SELECT stock FROM products").await, stock);
        sqlite.views().open(&schema(1)).await.unwrap();
        assert_eq!(self::names(&mut file).await, names, "all is as it must be");
        let row = table.get(&[Value::Text("a".to_owned())]).await.unwrap();
        assert_eq!(row[0][1], Value::Integer(stock));
    }
    let plan = "SELECT count(*) FROM pragma_index_list((SELECT tbl_name FROM sqlite_schema
        WHERE type = 'table' AND name LIKE 'products_%')) WHERE origin = 'c'";
    assert_eq!(number(&mut file, plan).await, 2, "they belong to the table");
}

#[tokio::test]
async fn views_of_the_users_outlive_a_swap() {
    let (_folder, path) = place();
    let sqlite = open(&path).await;
    opened(&sqlite, 1, 1).await;
    let mut file = raw(&path).await;
    let theirs = "CREATE VIEW shortage AS SELECT code, stock FROM products WHERE stock < 5";
    file.execute(theirs).await.unwrap();
    rebuild(&sqlite, 3).await;
    assert_eq!(number(&mut file, "SELECT stock FROM shortage").await, 3);
    let (changed, claim) = opened(&sqlite, 2, 4).await;
    changed.swap(&claim, None).await.unwrap();
    assert_eq!(number(&mut file, "SELECT stock FROM shortage").await, 4);
}

#[tokio::test]
async fn another_process_sees_old_or_new_rows_and_never_none() {
    let (_folder, path) = place();
    let sqlite = open(&path).await;
    opened(&sqlite, 1, 0).await;
    let other = open(&path).await;
    let reader = other.views().open(&schema(1)).await.unwrap();
    let read = tokio::spawn(async move {
        let key = [Value::Text("a".to_owned())];
        let mut seen = 0;
        while seen < 8 {
            let rows = reader.get(&key).await.unwrap();
            let Value::Integer(stock) = rows[0][1] else {
                panic!("{rows:?}");
            };
            assert!(stock >= seen, "backwards: {stock} after {seen}");
            seen = stock;
        }
    });
    for stock in 1..9 {
        rebuild(&sqlite, stock).await;
    }
    read.await.unwrap();
}

#[tokio::test]
async fn what_belongs_to_an_unused_table_goes_with_it() {
    let (_folder, path) = place();
    let sqlite = open(&path).await;
    let (old, claim) = opened(&sqlite, 1, 1).await;
    old.release(&claim).await.unwrap();
    let (changed, claim) = opened(&sqlite, 2, 2).await;
    changed.swap(&claim, None).await.unwrap();
    let mut file = raw(&path).await;
    let rows = "SELECT count(*) FROM cqrs_checkpoints";
    changed.drop_unused(LEASE).await.unwrap();
    assert_eq!(number(&mut file, rows).await, 2);
    changed.drop_unused(Duration::ZERO).await.unwrap();
    assert_eq!(number(&mut file, rows).await, 1);
    let names = names(&mut file).await;
    assert_eq!(names.len(), 4, "two indexes, a table, its view: {names:?}");
}

/// A process that stood still for longer than its table was kept.
#[tokio::test]
async fn a_worker_that_wakes_up_after_its_table_was_dropped_makes_it_anew() {
    let (_folder, path) = place();
    let sqlite = open(&path).await;
    let (old, claim) = opened(&sqlite, 1, 1).await;
    old.release(&claim).await.unwrap();
    let (changed, claim) = opened(&sqlite, 2, 2).await;
    changed.swap(&claim, None).await.unwrap();
    changed.drop_unused(Duration::ZERO).await.unwrap();
    fill(old.as_ref(), 7).await;
    assert_eq!(old.count(&[]).await.unwrap(), 1);
    let mut file = raw(&path).await;
    assert_eq!(number(&mut file, "SELECT stock FROM products").await, 2);
}

/// Newer code was tried and taken back: nobody feeds its table any more.
#[tokio::test]
async fn the_plain_name_goes_back_to_the_table_that_is_fed() {
    let (_folder, path) = place();
    let sqlite = open(&path).await;
    let (old, _) = opened(&sqlite, 1, 1).await;
    let (changed, claim) = opened(&sqlite, 2, 2).await;
    changed.swap(&claim, None).await.unwrap();
    let mut file = raw(&path).await;
    let shown = "SELECT stock FROM products";
    old.drop_unused(Duration::ZERO).await.unwrap();
    assert_eq!(number(&mut file, shown).await, 2, "the newer one is fed");
    changed.release(&claim).await.unwrap();
    old.drop_unused(Duration::ZERO).await.unwrap();
    assert_eq!(number(&mut file, shown).await, 1);
    let rows = "SELECT count(*) FROM cqrs_checkpoints";
    assert_eq!(number(&mut file, rows).await, 1);
}
