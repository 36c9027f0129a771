//! Full-text search as tables: what is beside the view's table, and that the two stay together.

#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;
use std::time::Duration;

use cqrs_core::checkpoint::{Checkpoint, Claim, ClaimOutcome, ClaimRequest};
use cqrs_core::stream::Position;
use cqrs_core::view::{
    ColumnKind, ColumnSchema, PageWrite, Row, RowChanges, Value, ViewSchema, ViewSearch, ViewStore,
    ViewTable,
};
use cqrs_sqlite::Sqlite;
use sqlx::{AssertSqlSafe, Executor, Row as _};
use uuid::Uuid;

use common::{number, open, place, raw};

const LOG: Uuid = Uuid::from_u128(7);

fn schema() -> ViewSchema {
    let mut schema = ViewSchema::new("products", 1);
    schema.columns = vec![
        ColumnSchema::new("code", ColumnKind::Text),
        ColumnSchema::new("name", ColumnKind::Text),
    ];
    schema.full_text = vec![1];
    schema
}

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

fn product(number: usize, name: &str) -> Row {
    vec![
        text(format!("p{number:04}")),
        text(format!("{name} n{number}")),
    ]
}

struct View {
    table: Arc<dyn ViewTable>,
    claim: Claim,
    position: u64,
}

impl View {
    async fn open(sqlite: &Sqlite) -> Self {
        let table = sqlite.views().open(&schema()).await.unwrap();
        let initial = Checkpoint::new(LOG, Position::START, None);
        let request = ClaimRequest::new(LOG, Duration::from_secs(60), &initial);
        let ClaimOutcome::Held { claim, .. } = table.claim(request).await.unwrap() else {
            panic!("the lease is held");
        };
        let position = 0;
        Self {
            table,
            claim,
            position,
        }
    }

    async fn write(&mut self, changes: RowChanges) {
        let to = Checkpoint::new(LOG, Position::new(self.position + 1), None);
        let mut fold = |_| Ok(changes.clone());
        let from = Position::new(self.position);
        let page = PageWrite::new(&self.claim, from, &to, &mut fold);
        self.table.write_page(page).await.unwrap();
        self.position += 1;
    }

    async fn insert(&mut self, inserts: Vec<Row>) {
        let changes = RowChanges {
            inserts,
            ..RowChanges::default()
        };
        self.write(changes).await;
    }

    async fn update(&mut self, updates: Vec<Row>) {
        let updated_columns = vec![1];
        let changes = RowChanges {
            updates,
            updated_columns,
            ..RowChanges::default()
        };
        self.write(changes).await;
    }

    async fn delete(&mut self, numbers: impl Iterator<Item = usize>) {
        let deletes = numbers
            .map(|number| product(number, "").remove(0))
            .collect();
        let changes = RowChanges {
            deletes,
            ..RowChanges::default()
        };
        self.write(changes).await;
    }

    async fn found(&self, search: &str) -> Vec<Row> {
        let search = ViewSearch::best(10_000, search);
        self.table.search(&search).await.unwrap()
    }
}

/// FTS5 compares its index with the words that it keeps.
async fn check(path: &std::path::Path, rows: i64) {
    let mut file = raw(path).await;
    let search = format!("products_{:016x}_search", schema().fingerprint());
    let check = format!("INSERT INTO {search} ({search}, rank) VALUES ('integrity-check', 1)");
    file.execute(AssertSqlSafe(check)).await.unwrap();
    let count = format!("SELECT count(*) FROM {search}");
    let count: i64 = file.fetch_one(AssertSqlSafe(count)).await.unwrap().get(0);
    assert_eq!(count, rows, "a document for each row");
}

#[tokio::test]
async fn pages_of_any_size_keep_rows_and_words_together() {
    let (_folder, path) = place();
    let mut view = View::open(&open(&path).await).await;
    view.insert(
        (0..2500)
            .map(|number| product(number, "red"))
            .rev()
            .collect(),
    )
    .await;
    assert_eq!(view.found("red").await.len(), 2500);
    let every_third = (0..2500).rev().filter(|number| number % 3 == 0);
    view.update(every_third.map(|number| product(number, "blue")).collect())
        .await;
    view.delete((0..2500).filter(|number| number % 2 == 0))
        .await;
    assert_eq!(view.found("blue").await.len(), 417);
    assert_eq!(view.found("red").await.len(), 833);
    assert_eq!(view.found("n2001").await, [product(2001, "blue")]);
    assert!(view.found("n2000").await.is_empty());
    check(&path, 1250).await;
}

/// SQLite may number the rows of a table anew that has no column for it.
#[tokio::test]
async fn words_stay_with_their_rows_when_the_file_is_compacted() {
    let (_folder, path) = place();
    let mut view = View::open(&open(&path).await).await;
    view.insert((0..100).map(|number| product(number, "red")).collect())
        .await;
    view.delete(0..50).await;
    raw(&path).await.execute("VACUUM").await.unwrap();
    assert_eq!(view.found("n99").await, [product(99, "red")]);
    view.update(vec![product(99, "blue")]).await;
    assert_eq!(view.found("blue").await, [product(99, "blue")]);
    assert_eq!(view.found("red").await.len(), 49);
    check(&path, 50).await;
}

#[tokio::test]
async fn a_view_without_full_text_has_no_more_than_its_table() {
    let (_folder, path) = place();
    let sqlite = open(&path).await;
    let mut plain = schema();
    plain.full_text.clear();
    sqlite.views().open(&plain).await.unwrap();
    let mut file = raw(&path).await;
    let tables = "SELECT count(*) FROM sqlite_schema WHERE tbl_name LIKE 'products_%'";
    assert_eq!(number(&mut file, tables).await, 1);
    let keyed = "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%WITHOUT ROWID' AND tbl_name LIKE 'products_%'";
    assert_eq!(number(&mut file, keyed).await, 1);
}

#[tokio::test]
async fn the_plain_name_shows_the_fields_alone() {
    let (_folder, path) = place();
    let mut view = View::open(&open(&path).await).await;
    view.insert(vec![product(1, "red")]).await;
    let mut file = raw(&path).await;
    let columns = "SELECT count(*) FROM pragma_table_info('products')";
    assert_eq!(number(&mut file, columns).await, 2);
    assert_eq!(
        number(
            &mut file,
            "SELECT count(*) FROM products WHERE name = 'red n1'"
        )
        .await,
        1
    );
}

/// The words of a page are gone with the page when it cannot be written.
#[tokio::test]
async fn a_page_that_fails_leaves_no_words() {
    let (_folder, path) = place();
    let mut view = View::open(&open(&path).await).await;
    view.insert(vec![product(1, "red")]).await;
    let search = format!("products_{:016x}", schema().fingerprint());
    let trigger = format!(
        "CREATE TRIGGER no_deletes BEFORE DELETE ON {search} BEGIN SELECT RAISE(FAIL, 'no'); END"
    );
    raw(&path)
        .await
        .execute(AssertSqlSafe(trigger))
        .await
        .unwrap();
    let to = Checkpoint::new(LOG, Position::new(2), None);
    let mut fold = |_| {
        Ok(RowChanges {
            inserts: vec![product(2, "blue")],
            updates: vec![product(1, "green")],
            updated_columns: vec![1],
            deletes: vec![text("p0001")],
        })
    };
    let page = PageWrite::new(&view.claim, Position::new(1), &to, &mut fold);
    view.table.write_page(page).await.unwrap_err();
    assert!(view.found("blue").await.is_empty());
    assert_eq!(view.found("red").await, [product(1, "red")]);
    check(&path, 1).await;
}
