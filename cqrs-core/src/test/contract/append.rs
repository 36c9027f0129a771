//! The event store's contract: appending.

use std::sync::Arc;

use chrono::TimeDelta;
use uuid::Uuid;

use super::sample::{append, event, stream};
use crate::store::{Append, AppendError, Conflict, InvalidAppend, MAX_PAYLOAD_BYTES, Stores};
use crate::stream::{Expected, Position};

type Answer = Result<crate::store::Appended, AppendError>;

async fn one(stores: &Stores, append: Append) -> Answer {
    let answers = stores
        .events
        .append(std::slice::from_ref(&append))
        .await
        .unwrap();
    assert_eq!(answers.len(), 1);
    answers.into_iter().next().unwrap()
}

pub async fn what_is_appended_reads_back_equal(stores: &Stores) {
    let mut first = append("a", Expected::NoStream, 0..2);
    first.causation_id = Some(Uuid::from_u128(9));
    first.writes[0].events[1].occurred_at = Some(first.recorded_at - TimeDelta::days(400));
    let appended = one(stores, first.clone()).await.unwrap();
    assert_eq!(
        (appended.streams[0].version, appended.streams[0].events),
        (2, 2)
    );

    let events = stores
        .events
        .read_stream(&stream("a"), 0, 10)
        .await
        .unwrap();
    assert_eq!(events.len(), 2);
    for (index, (stored, new)) in events.iter().zip(&first.writes[0].events).enumerate() {
        assert_eq!(stored.id, new.id);
        assert_eq!(stored.stream, stream("a"));
        assert_eq!(stored.version, index as u64 + 1);
        assert_eq!(
            (stored.name.as_str(), stored.schema_version),
            ("sample.noted", 1)
        );
        assert_eq!(stored.payload, new.payload);
        assert_eq!(stored.correlation_id, first.correlation_id);
        assert_eq!(stored.causation_id, first.causation_id);
        assert_eq!(stored.command_id, first.command.id);
        assert_eq!(stored.recorded_at, first.recorded_at);
        assert_eq!(
            stored.occurred_at,
            new.occurred_at.unwrap_or(first.recorded_at)
        );
        assert_eq!(stored.metadata, first.metadata);
    }
    assert!(events[0].position < events[1].position);
    assert_eq!(events[1].position, appended.position);
    assert!(!appended.repeated);
}

pub async fn an_expected_version_decides(stores: &Stores) {
    let conflict = |expected, actual| Conflict {
        stream: stream("a"),
        expected,
        actual,
    };
    let missing = one(stores, append("a", Expected::Exact(1), 0..1))
        .await
        .unwrap_err();
    assert!(matches!(missing, AppendError::Conflict(c) if c == conflict(Expected::Exact(1), 0)));
    one(stores, append("a", Expected::NoStream, 0..1))
        .await
        .unwrap();
    let exists = one(stores, append("a", Expected::NoStream, 0..1))
        .await
        .unwrap_err();
    assert!(matches!(exists, AppendError::Conflict(c) if c == conflict(Expected::NoStream, 1)));
    one(stores, append("a", Expected::Exact(1), 1..12))
        .await
        .unwrap();
    one(stores, append("a", Expected::Any, 12..13))
        .await
        .unwrap();
    let behind = one(stores, append("a", Expected::Exact(12), 0..1))
        .await
        .unwrap_err();
    assert_eq!(
        behind.to_string(),
        "append to `sample/a`: expected version 12, it has version 13"
    );
    assert_eq!(
        stores.events.stream_version(&stream("a")).await.unwrap(),
        13
    );
}

pub async fn a_conflict_in_a_batch_is_its_own(stores: &Stores) {
    let batch = [
        append("a", Expected::NoStream, 0..1),
        append("b", Expected::Exact(3), 0..1),
        append("c", Expected::NoStream, 0..1),
    ];
    let answers = stores.events.append(&batch).await.unwrap();
    assert!(answers[0].is_ok() && answers[2].is_ok());
    assert!(matches!(answers[1], Err(AppendError::Conflict(_))));
    assert_eq!(stores.events.stream_version(&stream("b")).await.unwrap(), 0);
    assert_eq!(stores.events.stream_version(&stream("c")).await.unwrap(), 1);
}

pub async fn several_streams_are_appended_together_or_not_at_all(stores: &Stores) {
    let both = |b| {
        let mut both = append("a", Expected::Any, 0..2);
        both.writes.extend(append("b", b, 0..1).writes);
        both
    };
    let appended = one(stores, both(Expected::NoStream)).await.unwrap();
    let versions: Vec<_> = appended
        .streams
        .iter()
        .map(|stream| stream.version)
        .collect();
    assert_eq!(versions, [2, 1]);
    let refused = one(stores, both(Expected::NoStream)).await.unwrap_err();
    assert!(matches!(refused, AppendError::Conflict(c) if c.stream == stream("b")));
    assert_eq!(stores.events.stream_version(&stream("a")).await.unwrap(), 2);
}

pub async fn later_members_of_a_batch_see_earlier_ones(stores: &Stores) {
    let batch = [
        append("a", Expected::NoStream, 0..2),
        append("a", Expected::NoStream, 0..1),
        append("a", Expected::Exact(2), 2..3),
        append("a", Expected::Any, 3..4),
    ];
    let answers = stores.events.append(&batch).await.unwrap();
    assert!(matches!(&answers[1], Err(AppendError::Conflict(c)) if c.actual == 2));
    assert_eq!(answers[2].as_ref().unwrap().streams[0].version, 3);
    assert_eq!(answers[3].as_ref().unwrap().streams[0].version, 4);
    let events = stores
        .events
        .read_stream(&stream("a"), 0, 10)
        .await
        .unwrap();
    let versions: Vec<_> = events.iter().map(|event| event.version).collect();
    assert_eq!(versions, [1, 2, 3, 4]);
    assert!(events.is_sorted_by_key(|event| event.position));
}

pub async fn a_repeated_command_answers_with_its_first_receipt(stores: &Stores) {
    let command = append("a", Expected::NoStream, 0..2);
    let first = one(stores, command.clone()).await.unwrap();
    one(stores, append("a", Expected::Exact(2), 2..3))
        .await
        .unwrap();
    let second = one(stores, command.clone()).await.unwrap();
    assert!(second.repeated);
    assert_eq!(
        (second.streams, second.position),
        (first.streams, first.position)
    );
    assert_eq!(stores.events.stream_version(&stream("a")).await.unwrap(), 3);

    let record = stores
        .events
        .find_command(command.command.id, &stream("a"))
        .await
        .unwrap();
    let record = record.unwrap();
    assert_eq!(
        (record.name.as_str(), record.version, record.events),
        ("note", 2, 2)
    );
    assert_eq!(record.position, first.position);
    let elsewhere = stores
        .events
        .find_command(command.command.id, &stream("b"))
        .await
        .unwrap();
    assert_eq!(elsewhere, None);
}

pub async fn a_repeated_command_in_one_batch_is_stored_once(stores: &Stores) {
    let command = append("a", Expected::Any, 0..1);
    let answers = stores
        .events
        .append(&[command.clone(), command])
        .await
        .unwrap();
    let repeated: Vec<_> = answers
        .iter()
        .map(|a| a.as_ref().unwrap().repeated)
        .collect();
    assert_eq!(repeated, [false, true]);
    assert_eq!(stores.events.stream_version(&stream("a")).await.unwrap(), 1);
}

pub async fn a_command_id_belongs_to_one_command(stores: &Stores) {
    let command = append("a", Expected::NoStream, 0..1);
    one(stores, command.clone()).await.unwrap();
    let mut other = append("a", Expected::Any, 0..1).with_id(command.command.id);
    other.command.name = "forget".into();
    let reused = one(stores, other).await.unwrap_err();
    assert!(
        matches!(&reused, AppendError::CommandReused { stored, name, .. } if stored == "note" && name == "forget"),
        "{reused}"
    );
    let same_id_elsewhere = append("b", Expected::NoStream, 0..1).with_id(command.command.id);
    assert!(!one(stores, same_id_elsewhere).await.unwrap().repeated);
}

pub async fn what_no_store_can_hold_is_refused(stores: &Stores) {
    let before = stores.events.head().await.unwrap();
    let mut nul = append("a", Expected::Any, 0..1);
    nul.writes[0]
        .events
        .push(event("sample.noted", r#"{"text":"a\u0000b"}"#));
    assert!(matches!(
        one(stores, nul).await,
        Err(AppendError::Invalid(InvalidAppend::Nul { .. }))
    ));
    let mut large = append("a", Expected::Any, 0..1);
    let payload = format!("\"{}\"", "x".repeat(MAX_PAYLOAD_BYTES));
    large.writes[0].events.push(event("sample.noted", &payload));
    let large = one(stores, large).await.unwrap_err();
    assert!(large.to_string().contains("above the limit"), "{large}");
    let mut empty = append("a", Expected::Any, 0..0);
    assert!(matches!(
        one(stores, empty.clone()).await,
        Err(AppendError::Invalid(_))
    ));
    empty.writes.clear();
    assert!(matches!(
        one(stores, empty).await,
        Err(AppendError::Invalid(_))
    ));
    let mut twice = append("a", Expected::Any, 0..1);
    twice.writes.extend(append("a", Expected::Any, 0..1).writes);
    assert!(matches!(
        one(stores, twice).await,
        Err(AppendError::Invalid(_))
    ));
    assert_eq!(stores.events.head().await.unwrap(), before);

    let mut escaped = append("a", Expected::Any, 0..0);
    escaped.writes[0]
        .events
        .push(event("sample.noted", r#""a\\u0000b""#));
    one(stores, escaped).await.unwrap();
}

pub async fn time_never_runs_backwards_in_a_stream(stores: &Stores) {
    let first = append("a", Expected::Any, 0..1);
    let mut earlier = append("a", Expected::Any, 1..2);
    earlier.recorded_at -= TimeDelta::seconds(5);
    let at = first.recorded_at;
    one(stores, first).await.unwrap();
    let mut same_batch = append("a", Expected::Any, 2..3);
    same_batch.recorded_at += TimeDelta::seconds(1);
    stores.events.append(&[earlier, same_batch]).await.unwrap();
    let events = stores
        .events
        .read_stream(&stream("a"), 0, 10)
        .await
        .unwrap();
    let times: Vec<_> = events.iter().map(|event| event.recorded_at).collect();
    assert_eq!(times, [at, at, at + TimeDelta::seconds(1)]);
    assert_eq!(events[1].occurred_at, at);
}

pub async fn concurrent_writers_lose_nothing(stores: &Stores) {
    const WRITERS: u64 = 8;
    const EACH: u64 = 20;
    let writers = (0..WRITERS).map(|writer| {
        let events = Arc::clone(&stores.events);
        tokio::spawn(async move {
            for number in 0..EACH {
                let own = append(&format!("own-{writer}"), Expected::Exact(number), 0..1);
                let own = match number {
                    0 => append(&format!("own-{writer}"), Expected::NoStream, 0..1),
                    _ => own,
                };
                let answers = events
                    .append(&[own, append("shared", Expected::Any, 0..1)])
                    .await;
                assert!(answers.unwrap().iter().all(Result::is_ok));
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let head = stores.events.head().await.unwrap().position;
    let request = crate::store::ReadLog::between(Position::START, head, 10_000);
    let log = stores.events.read_log(&request).await.unwrap();
    assert_eq!(log.len() as u64, WRITERS * EACH * 2);
    assert!(log.is_sorted_by(|left, right| left.position < right.position));
    let shared = stores
        .events
        .read_stream(&stream("shared"), 0, 10_000)
        .await
        .unwrap();
    let versions: Vec<_> = shared.iter().map(|event| event.version).collect();
    assert_eq!(versions, (1..=WRITERS * EACH).collect::<Vec<_>>());
}
