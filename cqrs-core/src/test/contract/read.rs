//! The event store's contract: reading.

use super::sample::{append, event, stream};
use crate::checkpoint::EventMark;
use crate::event::StoredEvent;
use crate::store::{ReadLog, Stores, StreamWrite};
use crate::stream::{Expected, Position, StreamId};

async fn fill(stores: &Stores) {
    let batch = [
        append("a", Expected::Any, 0..3),
        append("b", Expected::Any, 0..2),
        append("a", Expected::Any, 3..5),
    ];
    let answers = stores.events.append(&batch).await.unwrap();
    assert!(answers.iter().all(Result::is_ok));
}

fn versions(events: &[StoredEvent]) -> Vec<(&str, u64)> {
    events
        .iter()
        .map(|event| (event.stream.id(), event.version))
        .collect()
}

pub async fn a_stream_is_read_forwards_from_a_version(stores: &Stores) {
    fill(stores).await;
    let events = stores.events.read_stream(&stream("a"), 2, 2).await.unwrap();
    assert_eq!(versions(&events), [("a", 3), ("a", 4)]);
    let loaded = stores.events.load(&stream("a"), 1, 100).await.unwrap();
    let loaded: Vec<_> = loaded
        .iter()
        .map(|e| (e.version, e.payload.as_str()))
        .collect();
    assert_eq!(
        loaded,
        [
            (2, r#"{"number":1}"#),
            (3, r#"{"number":2}"#),
            (4, r#"{"number":3}"#),
            (5, r#"{"number":4}"#),
        ]
    );
    assert_eq!(
        stores.events.load(&stream("a"), 0, 3).await.unwrap().len(),
        3
    );
    assert!(
        stores
            .events
            .load(&stream("a"), 5, 100)
            .await
            .unwrap()
            .is_empty()
    );
}

pub async fn a_missing_stream_is_empty(stores: &Stores) {
    let missing = stream("missing");
    assert!(
        stores
            .events
            .read_stream(&missing, 0, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        stores
            .events
            .load(&missing, 0, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(stores.events.stream_version(&missing).await.unwrap(), 0);
}

pub async fn the_log_is_read_in_pages(stores: &Stores) {
    fill(stores).await;
    let head = stores.events.head().await.unwrap().position;
    let mut seen = Vec::new();
    let mut after = Position::START;
    loop {
        let request = ReadLog::between(after, head, 2);
        let page = stores.events.read_log(&request).await.unwrap();
        assert!(page.len() <= 2);
        let Some(last) = page.last() else { break };
        after = last.position;
        seen.extend(page);
    }
    let expected = [
        ("a", 1),
        ("a", 2),
        ("a", 3),
        ("b", 1),
        ("b", 2),
        ("a", 4),
        ("a", 5),
    ];
    assert_eq!(versions(&seen), expected);
    assert!(seen.is_sorted_by(|left, right| left.position < right.position));
    let request = ReadLog::between(Position::START, seen[3].position, 100);
    assert_eq!(stores.events.read_log(&request).await.unwrap(), seen[..4]);
}

pub async fn the_log_is_filtered(stores: &Stores) {
    fill(stores).await;
    let mut other = append("a", Expected::Any, 0..0);
    let name = StreamId::new("other", "x").unwrap();
    let events = vec![event("other.done", "{}"), event("sample.noted", "{}")];
    other.writes = vec![StreamWrite::new(name, Expected::Any, events)];
    stores.events.append(&[other]).await.unwrap();

    let head = stores.events.head().await.unwrap().position;
    let mut request = ReadLog::between(Position::START, head, 100);
    request.names = Some(vec!["other.done", "never.seen"]);
    let by_name = stores.events.read_log(&request).await.unwrap();
    assert_eq!(by_name.len(), 1);
    assert_eq!(by_name[0].name, "other.done");
    request.names = None;
    request.categories = Some(vec!["other".to_owned()]);
    assert_eq!(stores.events.read_log(&request).await.unwrap().len(), 2);
    request.names = Some(vec!["sample.noted"]);
    assert_eq!(stores.events.read_log(&request).await.unwrap().len(), 1);
    request.names = Some(Vec::new());
    assert!(stores.events.read_log(&request).await.unwrap().is_empty());
}

pub async fn the_head_moves_with_the_log(stores: &Stores) {
    let empty = stores.events.head().await.unwrap();
    assert_eq!((empty.position, empty.event), (Position::START, None));
    fill(stores).await;
    let head = stores.events.head().await.unwrap();
    assert_eq!(head.log_id, empty.log_id);
    let last = stores
        .events
        .read_stream(&stream("a"), 4, 1)
        .await
        .unwrap()
        .remove(0);
    let mark = EventMark {
        position: last.position,
        id: last.id,
    };
    assert_eq!((head.position, head.event), (last.position, Some(mark)));
    assert_eq!(
        stores.events.event_at(last.position).await.unwrap(),
        Some(last.id)
    );
    let beyond = Position::new(last.position.get() + 100);
    assert_eq!(stores.events.event_at(beyond).await.unwrap(), None);
}

pub async fn any_text_reads_back_equal(stores: &Stores) {
    let texts = [
        r#"{"text":""}"#,
        r#"{"text":"žluťoučký 🐎 \"quoted\" \\ ' ; -- \u001f \u2028"}"#,
        r#"{"n":18446744073709551615,"f":1e-300,"deep":[[[[[[{"a":null}]]]]]]}"#,
        "{ \"kept\" :  \"to the byte\" }",
        r#""plain""#,
    ];
    let mut append = append("a/ü 'x'", Expected::NoStream, 0..0);
    append.writes[0].events = texts
        .iter()
        .map(|text| event("sample.noted", text))
        .collect();
    append.metadata = append.metadata.with("ünï", "çødé 🐎");
    stores
        .events
        .append(std::slice::from_ref(&append))
        .await
        .unwrap()[0]
        .as_ref()
        .unwrap();
    let stored = stores
        .events
        .read_stream(&stream("a/ü 'x'"), 0, 10)
        .await
        .unwrap();
    let payloads: Vec<_> = stored.iter().map(|event| event.payload.as_str()).collect();
    assert_eq!(payloads, texts);
    assert!(stored.iter().all(|event| event.metadata == append.metadata));
    let loaded = stores.events.load(&stream("a/ü 'x'"), 0, 10).await.unwrap();
    let payloads: Vec<_> = loaded.iter().map(|event| event.payload.as_str()).collect();
    assert_eq!(payloads, texts);
}
