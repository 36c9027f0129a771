//! The view store's contract: the same answers everywhere.

use std::ops::Bound;

use chrono::{DateTime, NaiveDate};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::sample::{NUMBER, WORD, fill, ids, row, schema, text};
use crate::store::Stores;
use crate::view::{OrderBy, Row, Test, Value, ViewQuery, ViewRowFilter, ViewTable};

pub async fn every_kind_of_value_reads_back_equal(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let largest = vec![
        text("žluťoučký 🐎"),
        Value::Bool(true),
        Value::Integer(i64::MAX),
        Value::Float(1e300),
        text(""),
        Value::Uuid(Uuid::from_u128(u128::MAX)),
        Value::Date(NaiveDate::from_ymd_opt(2010, 12, 7).unwrap()),
        Value::Time(DateTime::from_timestamp_micros(1_291_710_360_123_456).unwrap()),
        Value::Decimal(Decimal::new(4_064_726_591, 3)),
        Value::Json(r#"{"a":[1,"ü"]}"#.to_owned()),
    ];
    let smallest = vec![
        text("'; --"),
        Value::Bool(false),
        Value::Integer(i64::MIN),
        Value::Float(-0.5),
        text("\u{7f}%_\\"),
        Value::Uuid(Uuid::nil()),
        Value::Date(NaiveDate::from_ymd_opt(1815, 12, 10).unwrap()),
        Value::Time(DateTime::from_timestamp_micros(-1).unwrap()),
        Value::Decimal(Decimal::new(-357_898_950, 3)),
        Value::Json("null".to_owned()),
    ];
    let empty = row("empty", None, None);
    let rows = vec![largest, smallest, empty];
    fill(table.as_ref(), rows.clone()).await;
    for row in rows {
        assert_eq!(table.get(&row[..1]).await.unwrap(), [row]);
    }
}

fn sample() -> Vec<Row> {
    vec![
        row("a", Some(3), Some("pear")),
        row("b", Some(1), Some("Pear")),
        row("c", None, Some("apple")),
        row("d", Some(2), None),
        row("e", Some(1), Some("ä")),
    ]
}

async fn found(table: &dyn ViewTable, column: usize, test: Test) -> Vec<String> {
    let mut query = ViewQuery::first(100);
    query.filters = vec![ViewRowFilter { column, test }];
    let rows = table.query(&query).await.unwrap();
    assert_eq!(
        table.count(&query.filters).await.unwrap(),
        rows.len() as u64
    );
    ids(&rows).into_iter().map(str::to_owned).collect()
}

pub async fn filters_choose_rows(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let table = table.as_ref();
    fill(table, sample()).await;
    let number = Value::Integer;
    let range = |lower, upper| Test::Range { lower, upper };
    assert_eq!(
        found(table, NUMBER, Test::Equals(number(1))).await,
        ["b", "e"]
    );
    assert_eq!(found(table, WORD, Test::Equals(text("pear"))).await, ["a"]);
    let some = vec![number(2), number(3), number(9)];
    assert_eq!(found(table, NUMBER, Test::OneOf(some)).await, ["a", "d"]);
    assert!(
        found(table, NUMBER, Test::OneOf(Vec::new()))
            .await
            .is_empty()
    );
    let from_two = range(Bound::Included(number(2)), Bound::Unbounded);
    assert_eq!(found(table, NUMBER, from_two).await, ["a", "d"]);
    let below_three = range(Bound::Unbounded, Bound::Excluded(number(3)));
    assert_eq!(found(table, NUMBER, below_three).await, ["b", "d", "e"]);
    let between = range(Bound::Excluded(number(1)), Bound::Included(number(3)));
    assert_eq!(found(table, NUMBER, between).await, ["a", "d"]);
    assert_eq!(found(table, NUMBER, Test::IsNull).await, ["c"]);
    assert_eq!(
        found(table, WORD, Test::IsNotNull).await,
        ["a", "b", "c", "e"]
    );
    let texts = range(Bound::Included(text("a")), Bound::Excluded(text("q")));
    assert_eq!(found(table, WORD, texts).await, ["a", "c"]);
    assert_eq!(found(table, 0, Test::Equals(text("e"))).await, ["e"]);
    let everything = range(Bound::Unbounded, Bound::Unbounded);
    assert_eq!(found(table, NUMBER, everything).await, ["a", "b", "d", "e"]);
    assert!(found(table, NUMBER, Test::Equals(Value::Null)).await == ["c"]);
}

async fn ordered(table: &dyn ViewTable, order: &[(usize, bool)]) -> Vec<String> {
    let mut query = ViewQuery::first(100);
    query.order = order_by(order);
    let rows = table.query(&query).await.unwrap();
    ids(&rows).into_iter().map(str::to_owned).collect()
}

fn order_by(order: &[(usize, bool)]) -> Vec<OrderBy> {
    let by = |&(column, descending): &(usize, bool)| OrderBy { column, descending };
    order.iter().map(by).collect()
}

/// By value and not by how a store may write it: each pair would stand the other way round as texts.
pub async fn every_kind_is_ordered_by_its_value(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let day = |year| Value::Date(NaiveDate::from_ymd_opt(year, 1, 1).unwrap());
    let time = |micros| Value::Time(DateTime::from_timestamp_micros(micros).unwrap());
    let decimal = |units| Value::Decimal(Decimal::new(units, 3));
    let pairs = [
        [Value::Bool(false), Value::Bool(true)],
        [Value::Integer(9), Value::Integer(10)],
        [Value::Float(-9.5), Value::Float(-1e-5)],
        [text("B"), text("a")],
        [1, 2].map(|number| Value::Uuid(Uuid::from_u128(number))),
        [day(987), day(2010)],
        [time(-20), time(-3)],
        [decimal(709_170), decimal(1_000_010)],
    ];
    let row_of = |place: usize, id: &str| {
        let cells = pairs.iter().map(|pair| pair[place].clone());
        let cells = [text(id)].into_iter().chain(cells);
        cells.chain([Value::Null]).collect::<Row>()
    };
    fill(table.as_ref(), vec![row_of(1, "a"), row_of(0, "b")]).await;
    for (column, [smaller, larger]) in (1..).zip(&pairs) {
        let table = table.as_ref();
        assert_eq!(ordered(table, &[(column, false)]).await, ["b", "a"]);
        assert_eq!(ordered(table, &[(column, true)]).await, ["a", "b"]);
        let above = Test::Range {
            lower: Bound::Excluded(smaller.clone()),
            upper: Bound::Unbounded,
        };
        assert_eq!(found(table, column, above).await, ["a"]);
        assert_eq!(
            found(table, column, Test::Equals(larger.clone())).await,
            ["a"]
        );
        let one = Test::OneOf(vec![smaller.clone()]);
        assert_eq!(found(table, column, one).await, ["b"]);
    }
}

pub async fn null_comes_last_in_both_directions(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    fill(table.as_ref(), sample()).await;
    assert_eq!(
        ordered(table.as_ref(), &[(NUMBER, false)]).await,
        ["b", "e", "d", "a", "c"]
    );
    assert_eq!(
        ordered(table.as_ref(), &[(NUMBER, true)]).await,
        ["a", "d", "b", "e", "c"]
    );
}

pub async fn text_is_ordered_by_bytes(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    fill(table.as_ref(), sample()).await;
    assert_eq!(
        ordered(table.as_ref(), &[(WORD, false)]).await,
        ["b", "c", "a", "e", "d"]
    );
    assert_eq!(
        ordered(table.as_ref(), &[(WORD, true)]).await,
        ["e", "a", "c", "b", "d"]
    );
}

pub async fn ties_are_ordered_by_key(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    fill(table.as_ref(), sample()).await;
    let order = [(NUMBER, false), (WORD, true)];
    assert_eq!(
        ordered(table.as_ref(), &order).await,
        ["e", "b", "d", "a", "c"]
    );
    assert_eq!(
        ordered(table.as_ref(), &[(1, true)]).await,
        ["a", "b", "c", "d", "e"]
    );
}

pub async fn pages_walk_through_all_rows_once(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    fill(table.as_ref(), sample()).await;
    let orders: [&[(usize, bool)]; 5] = [
        &[],
        &[(NUMBER, false)],
        &[(NUMBER, true)],
        &[(WORD, true), (NUMBER, false)],
        &[(NUMBER, false), (WORD, true)],
    ];
    for order in orders {
        let whole = ordered(table.as_ref(), order).await;
        let mut seen: Vec<String> = Vec::new();
        let mut query = ViewQuery::first(2);
        query.order = order_by(order);
        loop {
            let rows = table.query(&query).await.unwrap();
            let Some(last) = rows.last() else { break };
            let columns = query.order.iter().map(|by| by.column).chain([0]);
            query.after = Some(columns.map(|column| last[column].clone()).collect());
            seen.extend(ids(&rows).into_iter().map(str::to_owned));
        }
        assert_eq!(seen, whole, "{order:?}");
    }
}

pub async fn rows_are_counted(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    assert_eq!(table.count(&[]).await.unwrap(), 0);
    fill(table.as_ref(), sample()).await;
    assert_eq!(table.count(&[]).await.unwrap(), 5);
}
