//! Retry and discard: asked for in any process, carried out by the one that holds the lease.

use std::time::Duration;

use cqrs::projection::{DeadLetterError, ProjectionState};
use cqrs::store::Stores;

use crate::domain::{Tally, added, mend, number, options, record, spoil, start};

#[tokio::test]
async fn a_retry_that_fails_again_says_why_and_counts() {
    let app = start(&Stores::memory(), options()).await;
    spoil(201);
    spoil(202);
    record(&app, "s", added(&["a"], 1, 201)).await;
    record(&app, "s", added(&["a"], 2, 0)).await;
    let last = record(&app, "s", added(&["a"], 3, 202)).await;
    app.wait_for::<Tally>(last).await.unwrap();
    let letters = app.dead_letters::<Tally>().unwrap();
    let letter = letters.list(10).await.unwrap().remove(0);
    let outcome = letters.retry(&letter.id).await.unwrap();
    assert_eq!((outcome.resolved, outcome.failed), (0, 1));
    assert_eq!(
        outcome.reason.as_deref(),
        Some("`project` panicked: token 201 is bad")
    );
    assert_eq!(letters.list(10).await.unwrap()[0].attempts, 2);
    // The next one of the chain fails in its turn.
    mend(201);
    let outcome = letters.retry(&letter.id).await.unwrap();
    assert_eq!((outcome.resolved, outcome.failed), (1, 1));
    assert_eq!(number(&app, "a").await, Some(5));
    let next = letters.list(10).await.unwrap().remove(0);
    assert_eq!((next.id.position, next.held_behind), (last, 0));
    mend(202);
    letters.retry(&next.id).await.unwrap();
    assert_eq!(number(&app, "a").await, Some(18));
}

#[tokio::test]
async fn a_discarded_event_is_left_out_and_its_reason_kept() {
    let app = start(&Stores::memory(), options()).await;
    spoil(203);
    record(&app, "s", added(&["a"], 1, 0)).await;
    record(&app, "s", added(&["a"], 2, 203)).await;
    let last = record(&app, "s", added(&["a"], 3, 0)).await;
    app.wait_for::<Tally>(last).await.unwrap();
    let letters = app.dead_letters::<Tally>().unwrap();
    let letter = letters.list(10).await.unwrap().remove(0);
    let outcome = letters.discard(&letter.id, "a test account").await.unwrap();
    assert_eq!((outcome.resolved, outcome.failed), (1, 0));
    assert_eq!(number(&app, "a").await, Some(3 + 3));
    assert!(letters.list(10).await.unwrap().is_empty());
    let kept = letters.discarded(10).await.unwrap().remove(0);
    assert_eq!(
        (&kept.id, kept.discarded.as_deref()),
        (&letter.id, Some("a test account"))
    );
    for gone in [
        letters.retry(&letter.id).await,
        letters.discard(&letter.id, "again").await,
    ] {
        let error = gone.unwrap_err();
        assert!(matches!(error, DeadLetterError::NotFound { .. }), "{error}");
        let text = format!("no dead letter {} that waits", letter.id);
        assert!(error.to_string().contains(&text), "{error}");
    }
}

#[tokio::test]
async fn whoever_stands_by_may_ask() {
    let stores = Stores::memory();
    let holder = start(&stores, options()).await;
    spoil(204);
    let last = record(&holder, "s", added(&["a"], 1, 204)).await;
    holder.wait_for::<Tally>(last).await.unwrap();
    let other = start(&stores, options()).await;
    other.wait_for::<Tally>(last).await.unwrap();
    mend(204);
    let letters = other.dead_letters::<Tally>().unwrap();
    let letter = letters.list(10).await.unwrap().remove(0);
    let outcome = letters.retry(&letter.id).await.unwrap();
    assert_eq!(outcome.resolved, 1);
    let state = other.projections().remove(0).state;
    assert!(
        matches!(state, ProjectionState::Standby { .. }),
        "{state:?}"
    );
    assert_eq!(number(&other, "a").await, Some(1));
}

#[tokio::test]
async fn a_request_waits_for_a_worker() {
    let stores = Stores::memory();
    let app = start(&stores, options()).await;
    spoil(205);
    let last = record(&app, "s", added(&["a"], 1, 205)).await;
    app.wait_for::<Tally>(last).await.unwrap();
    app.shutdown().await;
    mend(205);
    let letters = app.dead_letters::<Tally>().unwrap();
    let id = letters.list(10).await.unwrap().remove(0).id;
    let asked = tokio::time::timeout(Duration::from_millis(20), letters.retry(&id)).await;
    assert!(asked.is_err(), "no worker runs, so nothing is carried out");
    let app = start(&stores, options()).await;
    let letters = app.dead_letters::<Tally>().unwrap();
    while !letters.list(10).await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(number(&app, "a").await, Some(1));
}
