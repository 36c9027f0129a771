//! What the suites append and project: small, made by hand, without a derive.

use std::ops::Range;

use chrono::DateTime;
use uuid::Uuid;

use crate::checkpoint::{Checkpoint, Claim, ClaimOutcome, ClaimRequest};
use crate::metadata::Metadata;
use crate::store::{Append, NewEvent, StreamWrite};
use crate::stream::{Expected, Position, StreamId};
use crate::view::{
    ColumnKind, ColumnSchema, LoadedRows, PageWrite, Row, RowChanges, Value, ViewRowFilter,
    ViewSchema, ViewTable, WritePageError,
};

pub(super) fn stream(id: &str) -> StreamId {
    StreamId::new("sample", id).unwrap()
}

pub(super) fn event(name: &'static str, payload: &str) -> NewEvent {
    NewEvent {
        id: Uuid::now_v7(),
        name: name.into(),
        schema_version: 1,
        payload: payload.to_owned(),
        occurred_at: None,
    }
}

pub(super) fn append(id: &str, expected: Expected, events: Range<u32>) -> Append {
    let events = events.map(|number| event("sample.noted", &format!(r#"{{"number":{number}}}"#)));
    let mut append = Append::new("note");
    append.recorded_at = DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap();
    append.metadata = Metadata::default().with("user", "ada");
    append
        .writes
        .push(StreamWrite::new(stream(id), expected, events.collect()));
    append
}

/// A view with a column of every kind; all but the key may be null.
pub(super) fn schema(name: &'static str) -> ViewSchema {
    let mut schema = ViewSchema::new(name, 1);
    let kinds = [
        ("id", ColumnKind::Text),
        ("flag", ColumnKind::Bool),
        ("number", ColumnKind::Integer),
        ("ratio", ColumnKind::Float),
        ("word", ColumnKind::Text),
        ("reference", ColumnKind::Uuid),
        ("day", ColumnKind::Date),
        ("moment", ColumnKind::Time),
        ("amount", ColumnKind::Decimal),
        ("detail", ColumnKind::Json),
    ];
    for (name, kind) in kinds {
        let mut column = ColumnSchema::new(name, kind);
        column.nullable = name != "id";
        column.scale = (kind == ColumnKind::Decimal).then_some(3);
        schema.columns.push(column);
    }
    schema.indexes = vec![vec![2], vec![4], vec![2, 4]];
    schema
}

pub(super) const NUMBER: usize = 2;
pub(super) const WORD: usize = 4;

/// A row with a number and a word, everything else null.
pub(super) fn row(id: &str, number: Option<i64>, word: Option<&str>) -> Row {
    let mut row = vec![Value::Null; 10];
    row[0] = text(id);
    row[NUMBER] = number.map_or(Value::Null, Value::Integer);
    row[WORD] = word.map_or(Value::Null, text);
    row
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub(super) fn ids(rows: &[Row]) -> Vec<&str> {
    rows.iter()
        .map(|row| match &row[0] {
            Value::Text(id) => id.as_str(),
            other => panic!("the key is {other:?}"),
        })
        .collect()
}

pub(super) const LOG: Uuid = Uuid::from_u128(7);

pub(super) fn at(position: u64) -> Checkpoint {
    Checkpoint::new(LOG, Position::new(position), None)
}

pub(super) async fn claim(table: &dyn ViewTable, holder: u128) -> Claim {
    let initial = at(0);
    let lease = std::time::Duration::from_secs(60);
    let request = ClaimRequest::new(Uuid::from_u128(holder), lease, &initial);
    match table.claim(request).await.unwrap() {
        ClaimOutcome::Held { claim, .. } => claim,
        other => panic!("the lease is not free: {other:?}"),
    }
}

/// Writes a page that touches these keys and filters and changes what the fold says.
pub(super) async fn write(
    table: &dyn ViewTable,
    claim: &Claim,
    positions: Range<u64>,
    touched: (&[&str], &[ViewRowFilter]),
    mut fold: impl FnMut(LoadedRows) -> RowChanges + Send,
) -> Result<(), WritePageError> {
    let mut fold = |rows| Ok(fold(rows));
    let to = at(positions.end);
    let mut page = PageWrite::new(claim, Position::new(positions.start), &to, &mut fold);
    page.keys = touched.0.iter().map(|key| text(key)).collect();
    page.filters = touched.1;
    table.write_page(page).await
}

/// Puts rows in with one page.
pub(super) async fn fill(table: &dyn ViewTable, rows: Vec<Row>) -> Claim {
    let claim = claim(table, 1).await;
    let keys = ids(&rows);
    let changes = RowChanges {
        inserts: rows.clone(),
        ..RowChanges::default()
    };
    write(table, &claim, 0..1, (&keys, &[]), |_| changes.clone())
        .await
        .unwrap();
    claim
}
