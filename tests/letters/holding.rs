//! What is held, what goes on, and what a letter says.

use cqrs::StreamId;
use cqrs::projection::{HoldKey, OnFailure, ProjectionState};
use cqrs::store::Stores;

use crate::domain::{Fact, Tally, added, mend, number, options, record, rows, spoil, start};

#[tokio::test]
async fn an_event_that_fails_holds_up_its_own_key_alone() {
    let app = start(&Stores::memory(), options()).await;
    spoil(101);
    record(&app, "s", added(&["a"], 1, 0)).await;
    let failed = record(&app, "s", added(&["a"], 2, 101)).await;
    record(&app, "s", added(&["b"], 3, 0)).await;
    record(&app, "other", added(&["a", "b"], 4, 0)).await;
    let last = record(&app, "s", added(&["a"], 5, 0)).await;
    app.wait_for::<Tally>(last).await.unwrap();
    assert_eq!(number(&app, "a").await, Some(1));
    assert_eq!(number(&app, "b").await, Some(3 * 3 + 4));
    let status = app.projections().remove(0);
    assert_eq!(status.dead_letters, 1);
    assert!(!matches!(status.state, ProjectionState::Stopped(_)));

    let letters = app.dead_letters::<Tally>().unwrap();
    let letter = letters.list(10).await.unwrap().remove(0);
    assert_eq!(letter.view, "tallies");
    assert_eq!(letter.id.key, HoldKey::Row("a".to_owned()));
    assert_eq!((letter.id.position, letter.version), (failed, 2));
    assert_eq!(letter.stream, StreamId::new("fact", "s").unwrap());
    assert_eq!((letter.name.as_str(), letter.attempts), ("fact.added", 1));
    assert_eq!(letter.reason, "`project` panicked: token 101 is bad");
    assert_eq!((letter.held_behind, letter.discarded.as_deref()), (2, None));
    let inspected = letters.inspect(&letter.id).await.unwrap();
    assert_eq!(inspected.event.id, letter.event_id);
    assert_eq!(
        inspected.event.payload,
        r#"{"keys":["a"],"number":2,"token":101}"#
    );
    assert_eq!(inspected.unreadable, None);

    mend(101);
    let outcome = letters.retry(&letter.id).await.unwrap();
    assert_eq!((outcome.resolved, outcome.failed), (1, 0));
    assert_eq!(number(&app, "a").await, Some(((3 + 2) * 3 + 4) * 3 + 5));
    assert_eq!(app.projections()[0].dead_letters, 0);
    let live = record(&app, "s", added(&["a"], 1, 0)).await;
    app.wait_for::<Tally>(live).await.unwrap();
    assert_eq!(
        number(&app, "a").await,
        Some((((3 + 2) * 3 + 4) * 3 + 5) * 3 + 1)
    );
}

#[tokio::test]
async fn an_event_of_several_keys_is_a_letter_for_each() {
    let app = start(&Stores::memory(), options()).await;
    spoil(102);
    record(&app, "s", added(&["a", "b"], 1, 0)).await;
    record(&app, "s", added(&["a", "b"], 2, 102)).await;
    let last = record(&app, "s", added(&["b", "c"], 3, 0)).await;
    app.wait_for::<Tally>(last).await.unwrap();
    let letters = app.dead_letters::<Tally>().unwrap();
    let listed = letters.list(10).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(
        letters.list_after(&listed[0].id, 10).await.unwrap(),
        listed[1..]
    );
    assert_eq!(
        number(&app, "c").await,
        Some(3),
        "the event is applied to its other keys"
    );
    mend(102);
    letters.retry(&listed[1].id).await.unwrap();
    assert_eq!(
        (number(&app, "a").await, number(&app, "b").await),
        (Some(1), Some(18))
    );
    letters.retry(&listed[0].id).await.unwrap();
    assert_eq!(number(&app, "a").await, Some(5));
}

#[tokio::test]
async fn a_filter_is_evaluated_against_a_held_row_when_it_is_replayed() {
    let app = start(&Stores::memory(), options()).await;
    spoil(103);
    let grouped = |key: &str, group: &str, token| Fact::Grouped {
        key: key.to_owned(),
        group: group.to_owned(),
        token,
    };
    let renamed = |old: &str, new: &str, token| Fact::Renamed {
        old: old.to_owned(),
        new: new.to_owned(),
        token,
    };
    for fact in [
        grouped("a", "red", 0),
        grouped("b", "red", 0),
        grouped("c", "blue", 0),
        // It makes `a` blue, which the event after it finds only at the replay.
        grouped("a", "blue", 103),
        renamed("blue", "green", 0),
        renamed("red", "pink", 0),
    ] {
        record(&app, "s", fact).await;
    }
    let last = record(&app, "s", added(&["z"], 1, 0)).await;
    app.wait_for::<Tally>(last).await.unwrap();
    let groups = || async {
        let rows = rows::<Tally>(&app).await;
        rows.into_iter().map(|row| row.1).collect::<Vec<_>>()
    };
    assert_eq!(groups().await, ["red", "pink", "green", ""]);
    mend(103);
    app.dead_letters::<Tally>()
        .unwrap()
        .retry_all()
        .await
        .unwrap();
    assert_eq!(groups().await, ["green", "pink", "green", ""]);
}

#[tokio::test]
async fn a_failing_filter_holds_the_rows_that_it_finds() {
    let app = start(&Stores::memory(), options()).await;
    spoil(104);
    for key in ["a", "b", "c"] {
        let group = if key == "c" { "blue" } else { "red" }.to_owned();
        let key = key.to_owned();
        record(
            &app,
            "s",
            Fact::Grouped {
                key,
                group,
                token: 0,
            },
        )
        .await;
    }
    let (old, new) = ("red".to_owned(), "pink".to_owned());
    record(
        &app,
        "s",
        Fact::Renamed {
            old,
            new,
            token: 104,
        },
    )
    .await;
    let last = record(&app, "s", added(&["a", "b", "c"], 1, 0)).await;
    app.wait_for::<Tally>(last).await.unwrap();
    let letters = app.dead_letters::<Tally>().unwrap();
    let keys = letters
        .list(10)
        .await
        .unwrap()
        .into_iter()
        .map(|letter| letter.id.key);
    let expected = ["a", "b"].map(|key| HoldKey::Row(key.to_owned()));
    assert_eq!(keys.collect::<Vec<_>>(), expected);
    assert_eq!(number(&app, "c").await, Some(1));
    mend(104);
    letters.retry_all().await.unwrap();
    assert_eq!(number(&app, "a").await, Some(7 * 3 + 1));
}

#[tokio::test]
async fn an_event_that_cannot_be_read_holds_its_stream_and_the_keys_behind_it() {
    let app = start(&Stores::memory(), options()).await;
    spoil(105);
    record(&app, "a", added(&["a"], 1, 0)).await;
    record(
        &app,
        "a",
        Fact::Old {
            number: 2,
            token: 105,
        },
    )
    .await;
    record(&app, "a", added(&["a", "b"], 3, 0)).await;
    record(&app, "b", added(&["b", "c"], 4, 0)).await;
    let last = record(&app, "a", added(&["a"], 5, 0)).await;
    app.wait_for::<Tally>(last).await.unwrap();
    assert_eq!(number(&app, "a").await, Some(1));
    assert_eq!(
        number(&app, "b").await,
        None,
        "a later event may not pass a held one"
    );
    assert_eq!(number(&app, "c").await, Some(4));

    let letters = app.dead_letters::<Tally>().unwrap();
    let listed = letters.list(10).await.unwrap();
    assert_eq!(listed.len(), 1);
    let letter = &listed[0];
    assert_eq!(
        letter.id.key,
        HoldKey::Stream(StreamId::new("fact", "a").unwrap())
    );
    assert_eq!(letter.held_behind, 2);
    assert_eq!(letter.id.to_string().parse(), Ok(letter.id.clone()));
    let inspected = letters.inspect(&letter.id).await.unwrap();
    let unreadable = inspected.unreadable.unwrap().to_string();
    assert!(unreadable.contains("knows no such fact"), "{unreadable}");
    assert_eq!(inspected.event.payload, r#"{"number":2,"token":105}"#);

    mend(105);
    let inspected = letters.inspect(&letter.id).await.unwrap();
    assert_eq!(inspected.unreadable, None);
    inspected.event.read::<Fact>().unwrap();
    let outcome = letters.retry(&letter.id).await.unwrap();
    assert_eq!((outcome.resolved, outcome.failed), (1, 0));
    assert_eq!(number(&app, "a").await, Some(((3 + 2) * 3 + 3) * 3 + 5));
    assert_eq!(number(&app, "b").await, Some(3 * 3 + 4));
}

#[tokio::test]
async fn a_discarded_event_that_cannot_be_read_lets_its_stream_go_on() {
    let app = start(&Stores::memory(), options()).await;
    spoil(108);
    spoil(109);
    record(
        &app,
        "a",
        Fact::Old {
            number: 2,
            token: 108,
        },
    )
    .await;
    record(&app, "a", added(&["a"], 3, 0)).await;
    record(
        &app,
        "a",
        Fact::Old {
            number: 4,
            token: 109,
        },
    )
    .await;
    record(&app, "a", added(&["b"], 5, 0)).await;
    let last = record(&app, "b", added(&["a", "b"], 6, 0)).await;
    app.wait_for::<Tally>(last).await.unwrap();
    let letters = app.dead_letters::<Tally>().unwrap();
    let first = letters.list(10).await.unwrap().remove(0);
    assert_eq!(first.held_behind, 3);
    let outcome = letters.discard(&first.id, "lost").await.unwrap();
    assert_eq!(
        (outcome.resolved, outcome.failed),
        (1, 1),
        "the next one cannot be read either"
    );
    let second = letters.list(10).await.unwrap().remove(0);
    assert_eq!((second.version, second.held_behind), (3, 1));
    let rows = (number(&app, "a").await, number(&app, "b").await);
    assert_eq!(
        rows,
        (Some(3 * 3 + 6), None),
        "`b` waits for the stream, `a` for nothing"
    );
    letters.discard(&second.id, "lost").await.unwrap();
    assert_eq!(number(&app, "b").await, Some(5 * 3 + 6));
    assert_eq!(letters.discarded(10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_held_stays_held_for_the_next_worker() {
    let stores = Stores::memory();
    let app = start(&stores, options()).await;
    spoil(106);
    record(&app, "s", added(&["a"], 1, 106)).await;
    let last = record(&app, "s", added(&["a"], 2, 0)).await;
    app.wait_for::<Tally>(last).await.unwrap();
    app.shutdown().await;
    // Whatever the option says by then.
    let app = start(&stores, options().on_failure(OnFailure::Stop)).await;
    let last = record(&app, "s", added(&["a", "b"], 3, 0)).await;
    app.wait_for::<Tally>(last).await.unwrap();
    assert_eq!(
        (number(&app, "a").await, number(&app, "b").await),
        (None, Some(3))
    );
    mend(106);
    let outcome = app
        .dead_letters::<Tally>()
        .unwrap()
        .retry_all()
        .await
        .unwrap();
    assert_eq!(outcome.resolved, 1);
    assert_eq!(number(&app, "a").await, Some((3 + 2) * 3 + 3));
}

#[tokio::test]
async fn without_the_option_the_projection_stops() {
    let app = start(&Stores::memory(), options().on_failure(OnFailure::Stop)).await;
    spoil(107);
    let last = record(&app, "s", added(&["a"], 1, 107)).await;
    let error = app.wait_for::<Tally>(last).await.unwrap_err();
    assert!(
        error.to_string().contains("has stopped at position 1"),
        "{error}"
    );
}
