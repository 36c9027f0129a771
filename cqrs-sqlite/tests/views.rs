//! Views as tables: what people see with SQL of their own, and what a page may hold.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cqrs_core::checkpoint::{Checkpoint, Claim, ClaimOutcome, ClaimRequest};
use cqrs_core::store::{EventAppender, LogReader};
use cqrs_core::stream::{Expected, Position};
use cqrs_core::view::{
    ColumnKind, ColumnSchema, LoadedRows, OrderBy, PageWrite, Row, RowChanges, Test, Value,
    ViewQuery, ViewRowFilter, ViewSchema, ViewStore, ViewTable, WritePageError,
};
use cqrs_sqlite::Sqlite;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Executor, Row as _};

use common::{append, number, open, place, raw};

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

struct View {
    table: Arc<dyn ViewTable>,
    claim: Claim,
    position: u64,
}

impl View {
    async fn open(sqlite: &Sqlite, schema: &ViewSchema) -> Self {
        let table = sqlite.views().open(schema).await.unwrap();
        let log = sqlite.events().head().await.unwrap().log_id;
        let initial = Checkpoint::new(log, Position::START, None);
        let request = ClaimRequest::new(log, Duration::from_secs(60), &initial);
        let ClaimOutcome::Held { claim, checkpoint } = table.claim(request).await.unwrap() else {
            panic!("the lease is held");
        };
        let position = checkpoint.position.get();
        Self {
            table,
            claim,
            position,
        }
    }

    /// Writes rows whose keys are named, and says which rows were there.
    async fn write(
        &mut self,
        rows: Vec<Row>,
        filters: &[ViewRowFilter],
    ) -> Result<Vec<Row>, WritePageError> {
        let keys = rows.iter().map(|row| row[0].clone()).collect();
        let mut found: Vec<Row> = Vec::new();
        let mut fold = |loaded| {
            let loaded = match loaded {
                LoadedRows::Keyed(rows) => rows,
                LoadedRows::Matching(mut rows) => {
                    rows.retain(|row| found.iter().all(|found| found[0] != row[0]));
                    found.extend(rows);
                    return Ok(RowChanges::default());
                }
            };
            found.clone_from(&loaded);
            let known: BTreeSet<String> = found.iter().map(|row| format!("{:?}", row[0])).collect();
            let is_known = |row: &Row| known.contains(&format!("{:?}", row[0]));
            let (updates, inserts) = rows.iter().cloned().partition(is_known);
            Ok(RowChanges {
                inserts,
                updates,
                updated_columns: (1..rows[0].len()).collect(),
                deletes: Vec::new(),
            })
        };
        let log = self.claim.holder;
        let to = Checkpoint::new(log, Position::new(self.position + 1), None);
        let from = Position::new(self.position);
        let mut page = PageWrite::new(&self.claim, from, &to, &mut fold);
        page.keys = keys;
        page.filters = filters;
        self.table.write_page(page).await?;
        self.position += 1;
        Ok(found)
    }
}

async fn indexes(file: &mut SqliteConnection) -> BTreeSet<String> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'index' AND name LIKE 'ix_%'";
    let rows = file.fetch_all(sql).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn the_plain_name_shows_the_rows() {
    let (_folder, path) = place();
    let sqlite = open(&path).await;
    let mut view = View::open(&sqlite, &schema()).await;
    view.write(vec![product("85123A", 7, "2.55")], &[])
        .await
        .unwrap();
    let mut file = raw(&path).await;
    assert_eq!(number(&mut file, "SELECT stock FROM products").await, 7);
    assert_eq!(number(&mut file, "SELECT price FROM products").await, 255);
}

#[tokio::test]
async fn a_subscription_makes_no_table() {
    let (_folder, path) = place();
    let sqlite = open(&path).await;
    let mail = ViewSchema::of_subscription("mail");
    sqlite.views().open(&mail).await.unwrap();
    let mut file = raw(&path).await;
    let named = "SELECT count(*) FROM sqlite_schema WHERE name LIKE '%mail%'";
    assert_eq!(number(&mut file, named).await, 0);
    let kept = "SELECT count(*) FROM cqrs_checkpoints WHERE view = 'mail'";
    assert_eq!(number(&mut file, kept).await, 1);
}

#[tokio::test]
async fn a_name_is_a_view_or_a_subscription() {
    let (_folder, path) = place();
    let sqlite = open(&path).await;
    View::open(&sqlite, &schema()).await;
    let subscription = ViewSchema::of_subscription(schema().name);
    let refused = sqlite.views().open(&subscription).await.err().unwrap();
    assert!(format!("{refused:?}").contains("the file has a view `products`"));
    sqlite
        .views()
        .open(&ViewSchema::of_subscription("mail"))
        .await
        .unwrap();
    let mut view = schema();
    view.name = "mail";
    let refused = sqlite.views().open(&view).await.err().unwrap();
    assert!(format!("{refused:?}").contains("the file has a subscription `mail`"));
}

#[tokio::test]
async fn indexes_follow_the_schema() {
    let (_folder, path) = place();
    let sqlite = open(&path).await;
    let mut schema = schema();
    View::open(&sqlite, &schema).await;
    let mut file = raw(&path).await;
    let table = format!("products_{:016x}", schema.fingerprint());
    assert_eq!(
        indexes(&mut file).await,
        [format!("ix_{table}_stock")].into()
    );
    schema.indexes = vec![vec![2], vec![1, 2]];
    View::open(&sqlite, &schema).await;
    let expected = [
        format!("ix_{table}_price"),
        format!("ix_{table}_stock.price"),
    ];
    assert_eq!(indexes(&mut file).await, expected.into());
}

#[tokio::test]
async fn a_decimal_of_another_scale_fails_the_page_and_names_the_column() {
    let (_folder, path) = place();
    let sqlite = open(&path).await;
    let mut view = View::open(&sqlite, &schema()).await;
    let rows = vec![product("a", 1, "1.50"), product("b", 1, "1.505")];
    let failed = view.write(rows, &[]).await.unwrap_err();
    assert!(matches!(failed, WritePageError::Fold(_)), "{failed}");
    assert!(failed.to_string().contains("`price`"), "{failed}");
    assert_eq!(view.table.count(&[]).await.unwrap(), 0);
    view.write(vec![product("a", 1, "1.50")], &[])
        .await
        .unwrap();
}

#[tokio::test]
async fn a_page_holds_any_number_of_rows_and_filters() {
    let (_folder, path) = place();
    let sqlite = open(&path).await;
    let mut view = View::open(&sqlite, &schema()).await;
    let rows: Vec<Row> = (0..1500)
        .map(|n| product(&format!("p{n}"), n, "1"))
        .collect();
    assert!(view.write(rows.clone(), &[]).await.unwrap().is_empty());
    assert_eq!(view.write(rows, &[]).await.unwrap().len(), 1500);

    let stock = |number| ViewRowFilter {
        column: 1,
        test: Test::Equals(Value::Integer(number)),
    };
    let filters: Vec<_> = (0..3000).map(stock).collect();
    let found = view
        .write(vec![product("p7", 7, "2")], &filters)
        .await
        .unwrap();
    let keys: BTreeSet<String> = found.iter().map(|row| format!("{:?}", row[0])).collect();
    assert_eq!((found.len(), keys.len()), (1500, 1500), "each row once");
}

#[tokio::test]
async fn readers_do_not_wait_for_a_writer() {
    let (_folder, path) = place();
    let sqlite = open(&path).await;
    let mut view = View::open(&sqlite, &schema()).await;
    view.write(vec![product("a", 1, "1.50")], &[])
        .await
        .unwrap();
    let batch = [append("a", Expected::NoStream, 1)];
    sqlite.events().append(&batch).await.unwrap()[0]
        .as_ref()
        .unwrap();
    let mut other = raw(&path).await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    assert_eq!(
        view.table.query(&ViewQuery::first(10)).await.unwrap().len(),
        1
    );
    assert_eq!(
        sqlite.events().head().await.unwrap().position,
        Position::new(1)
    );
}

#[tokio::test]
async fn a_page_goes_on_in_the_middle_of_equal_values() {
    let (_folder, path) = place();
    let sqlite = open(&path).await;
    let mut view = View::open(&sqlite, &schema()).await;
    let rows = (0..500)
        .map(|n| product(&format!("p{n:03}"), n / 5, "1"))
        .collect();
    view.write(rows, &[]).await.unwrap();
    let mut query = ViewQuery::first(3);
    query.order = vec![OrderBy {
        column: 1,
        descending: true,
    }];
    query.after = Some(vec![Value::Integer(50), Value::Text("p252".to_owned())]);
    let rows = view.table.query(&query).await.unwrap();
    let codes: Vec<&Value> = rows.iter().map(|row| &row[0]).collect();
    let expected = ["p253", "p254", "p245"].map(|code| Value::Text(code.to_owned()));
    assert_eq!(codes, expected.iter().collect::<Vec<_>>());
}
