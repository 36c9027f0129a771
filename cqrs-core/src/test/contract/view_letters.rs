//! The view store's contract: dead letters, what is held behind them, and what is asked about them.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::sample::{at, claim, row, schema, stream, text};
use crate::checkpoint::{Claim, ClaimRequest};
use crate::projection::FoldError;
use crate::store::Stores;
use crate::stream::Position;
use crate::view::{
    BuildOutcome, HeldEvent, LetterChanges, LetterOrder, LetterOutcome, LetterQuery, PageWrite,
    RowChanges, StoredLetter, ViewSchema, ViewTable, WritePageError,
};

fn held(key: &str, position: u64) -> HeldEvent {
    HeldEvent::new(key, Position::new(position))
}

fn letter(key: &str, position: u64) -> StoredLetter {
    let mut letter = StoredLetter::new(held(key, position), stream("one"), 3);
    letter.name = "sample.noted".to_owned();
    letter.event_id = Uuid::from_u128(position.into());
    letter.recorded_at = chrono::DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap();
    letter.reason = "it's \"broken\"".to_owned();
    letter.attempts = 2;
    letter
}

fn failed(key: &str, position: u64) -> LetterChanges {
    LetterChanges {
        held: vec![held(key, position)],
        letters: vec![letter(key, position)],
        ..LetterChanges::default()
    }
}

async fn change(
    table: &dyn ViewTable,
    claim: &Claim,
    from: u64,
    changes: &LetterChanges,
) -> Result<(), WritePageError> {
    let to = at(from + 1);
    let mut page = PageWrite::checkpoint(claim, Position::new(from), &to);
    page.letters = Some(changes);
    table.write_page(page).await
}

fn all() -> LetterQuery {
    let (after, limit) = (None, 100);
    LetterQuery::Waiting { after, limit }
}

async fn waiting(table: &dyn ViewTable) -> Vec<(String, u64)> {
    let letters = table.letters().letters(&all()).await.unwrap();
    let event = |letter: StoredLetter| (letter.event.key, letter.event.position.get());
    letters.into_iter().map(event).collect()
}

async fn positions(table: &dyn ViewTable, key: &str) -> Vec<u64> {
    let held = table.letters().held(key, 100).await.unwrap();
    held.into_iter().map(Position::get).collect()
}

pub async fn a_letter_is_kept_with_its_page(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let claim = claim(table.as_ref(), 1).await;
    let mut changes = failed("a", 1);
    changes
        .held
        .extend([held("a", 5), held("b", 3), held("a", 5), held("a", 4)]);
    let inserts = vec![row("c", Some(1), None)];
    let mut fold = |_| {
        let inserts = inserts.clone();
        Ok(RowChanges {
            inserts,
            ..RowChanges::default()
        })
    };
    let to = at(1);
    let mut page = PageWrite::new(&claim, Position::START, &to, &mut fold);
    page.letters = Some(&changes);
    table.write_page(page).await.unwrap();
    assert_eq!(table.checkpoint().await.unwrap(), at(1));
    assert_eq!(table.get(&[text("c")]).await.unwrap().len(), 1);
    let mut expected = letter("a", 1);
    expected.behind = 2;
    assert_eq!(
        table.letters().letters(&all()).await.unwrap(),
        [expected.clone()]
    );
    let one = LetterQuery::One(held("a", 1));
    assert_eq!(table.letters().letters(&one).await.unwrap(), [expected]);
    assert_eq!(table.letters().letter_count().await.unwrap(), 1);
    assert_eq!(positions(table.as_ref(), "a").await, [1, 4, 5]);
    assert_eq!(table.letters().held("a", 2).await.unwrap().len(), 2);
    let mut holds = table.letters().holds().await.unwrap();
    holds.sort_by(|left, right| left.key.cmp(&right.key));
    let holds = holds
        .iter()
        .map(|hold| (hold.key.as_str(), hold.first.get(), hold.failed));
    assert_eq!(holds.collect::<Vec<_>>(), [("a", 1, true), ("b", 3, false)]);
}

pub async fn a_letter_that_fails_again_counts_its_tries(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let claim = claim(table.as_ref(), 1).await;
    change(table.as_ref(), &claim, 0, &failed("a", 1))
        .await
        .unwrap();
    let mut again = failed("a", 1);
    again.letters[0].reason = "another".to_owned();
    again.letters[0].attempts = 1;
    change(table.as_ref(), &claim, 1, &again).await.unwrap();
    let letters = table.letters().letters(&all()).await.unwrap();
    assert_eq!((letters.len(), letters[0].attempts), (1, 3));
    assert_eq!(letters[0].reason, "another");
}

pub async fn what_is_released_is_gone(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let claim = claim(table.as_ref(), 1).await;
    let mut changes = failed("a", 1);
    changes.held.extend([held("a", 2), held("b", 1)]);
    changes.letters.push(letter("b", 1));
    change(table.as_ref(), &claim, 0, &changes).await.unwrap();
    let released = LetterChanges {
        released: vec![held("a", 1)],
        ..LetterChanges::default()
    };
    change(table.as_ref(), &claim, 1, &released).await.unwrap();
    assert_eq!(positions(table.as_ref(), "a").await, [2]);
    assert_eq!(waiting(table.as_ref()).await, [("b".to_owned(), 1)]);
    let holds = table.letters().holds().await.unwrap();
    let ready: Vec<_> = holds.iter().filter(|hold| !hold.failed).collect();
    assert_eq!((ready.len(), ready[0].key.as_str()), (1, "a"));
}

pub async fn a_discarded_letter_is_kept_with_its_reason(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let claim = claim(table.as_ref(), 1).await;
    let mut changes = failed("a", 1);
    changes.held.push(held("a", 2));
    change(table.as_ref(), &claim, 0, &changes).await.unwrap();
    let discarded = LetterChanges {
        discarded: vec![(held("a", 1), "a test".to_owned())],
        ..LetterChanges::default()
    };
    change(table.as_ref(), &claim, 1, &discarded).await.unwrap();
    assert_eq!(positions(table.as_ref(), "a").await, [2]);
    assert!(waiting(table.as_ref()).await.is_empty());
    assert_eq!(table.letters().letter_count().await.unwrap(), 0);
    assert!(!table.letters().holds().await.unwrap()[0].failed);
    let (after, limit) = (None, 100);
    let kept = LetterQuery::Discarded { after, limit };
    let kept = table.letters().letters(&kept).await.unwrap();
    assert_eq!(kept[0].discarded.as_deref(), Some("a test"));
}

pub async fn a_stale_worker_changes_no_letter(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let stale = claim(table.as_ref(), 1).await;
    table.release(&stale).await.unwrap();
    claim(table.as_ref(), 2).await;
    let late = change(table.as_ref(), &stale, 0, &failed("a", 1)).await;
    assert!(matches!(late, Err(WritePageError::Fenced)));
    assert!(waiting(table.as_ref()).await.is_empty());
    assert!(table.letters().holds().await.unwrap().is_empty());
    assert_eq!(table.checkpoint().await.unwrap(), at(0));
}

pub async fn a_failing_fold_changes_no_letter(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let claim = claim(table.as_ref(), 1).await;
    let mut fold = |_| {
        let (what, message) = ("`project`", "no".to_owned());
        Err(FoldError::Panicked { what, message })
    };
    let (to, changes) = (at(1), failed("a", 1));
    let mut page = PageWrite::new(&claim, Position::START, &to, &mut fold);
    page.letters = Some(&changes);
    table.write_page(page).await.unwrap_err();
    assert!(waiting(table.as_ref()).await.is_empty());
    change(table.as_ref(), &claim, 0, &changes).await.unwrap();
}

pub async fn letters_are_listed_in_pages(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let claim = claim(table.as_ref(), 1).await;
    let mut changes = LetterChanges::default();
    for (key, position) in [("b", 2), ("a", 7), ("a", 2), ("c", 1)] {
        changes.held.push(held(key, position));
        changes.letters.push(letter(key, position));
    }
    change(table.as_ref(), &claim, 0, &changes).await.unwrap();
    let expected = [("c", 1), ("a", 2), ("b", 2), ("a", 7)];
    let expected = expected.map(|(key, position)| (key.to_owned(), position));
    assert_eq!(waiting(table.as_ref()).await, expected);
    let (after, limit) = (Some(held("a", 2)), 1);
    let next = LetterQuery::Waiting { after, limit };
    let next = table.letters().letters(&next).await.unwrap();
    assert_eq!((next.len(), &next[0].event), (1, &held("b", 2)));
}

pub async fn letters_of_views_do_not_mix(stores: &Stores) {
    let places = stores.views.open(&schema("places")).await.unwrap();
    let others = stores.views.open(&schema("others")).await.unwrap();
    let claim = claim(places.as_ref(), 1).await;
    change(places.as_ref(), &claim, 0, &failed("a", 1))
        .await
        .unwrap();
    assert!(waiting(others.as_ref()).await.is_empty());
    places
        .letters()
        .ask(Uuid::from_u128(1), &LetterOrder::RetryAll)
        .await
        .unwrap();
    assert!(others.letters().requests().await.unwrap().is_empty());
    let again = stores.views.open(&schema("places")).await.unwrap();
    assert_eq!(waiting(again.as_ref()).await.len(), 1);
}

pub async fn a_request_is_answered_once(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let claim = claim(table.as_ref(), 1).await;
    let (first, second) = (Uuid::from_u128(9), Uuid::from_u128(3));
    let retry = LetterOrder::Retry(held("a", 1));
    let discard = LetterOrder::Discard {
        letter: held("b", 2),
        reason: "a test".to_owned(),
    };
    table.letters().ask(first, &retry).await.unwrap();
    table.letters().ask(second, &discard).await.unwrap();
    let asked = table.letters().requests().await.unwrap();
    assert_eq!(asked, [(first, retry), (second, discard.clone())]);
    assert_eq!(table.letters().outcome(first).await.unwrap(), None);
    let outcome = LetterOutcome {
        resolved: 2,
        failed: 1,
        reason: Some("no".to_owned()),
    };
    let answers = LetterChanges {
        answers: vec![(first, outcome.clone())],
        ..LetterChanges::default()
    };
    change(table.as_ref(), &claim, 0, &answers).await.unwrap();
    assert_eq!(table.letters().outcome(first).await.unwrap(), Some(outcome));
    assert_eq!(
        table.letters().requests().await.unwrap(),
        [(second, discard)]
    );
    assert_eq!(
        table.letters().outcome(Uuid::from_u128(4)).await.unwrap(),
        None
    );
}

/// What failed for the old rows has been tried again for the new ones.
pub async fn a_built_table_brings_its_letters(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let fed = claim(table.as_ref(), 1).await;
    change(table.as_ref(), &fed, 0, &failed("old", 1))
        .await
        .unwrap();
    let (built, claim) = build(stores).await;
    change(built.as_ref(), &claim, 0, &failed("thrown away", 1))
        .await
        .unwrap();
    built.release(&claim).await.unwrap();
    let (built, claim) = build(stores).await;
    assert_eq!(waiting(built.as_ref()).await, [], "it begins anew");
    change(built.as_ref(), &claim, 0, &failed("new", 1))
        .await
        .unwrap();
    assert_eq!(waiting(table.as_ref()).await, [("old".to_owned(), 1)]);
    built.swap(&claim, None).await.unwrap();
    assert_eq!(waiting(table.as_ref()).await, [("new".to_owned(), 1)]);
    assert_eq!(positions(table.as_ref(), "new").await, [1]);
    assert_eq!(positions(table.as_ref(), "old").await, [] as [u64; 0]);
}

async fn build(stores: &Stores) -> (Arc<dyn ViewTable>, Claim) {
    let (initial, lease) = (at(0), Duration::from_secs(60));
    let request = ClaimRequest::new(Uuid::from_u128(2), lease, &initial);
    let built = stores.views.build(&schema("places"), request).await;
    match built.unwrap() {
        BuildOutcome::Held { table, claim } => (table, claim),
        held => panic!("somebody builds it: {held:?}"),
    }
}

pub async fn a_subscription_has_a_checkpoint_and_letters_without_rows(stores: &Stores) {
    let schema = ViewSchema::of_subscription("mail");
    let table = stores.views.open(&schema).await.unwrap();
    let claim = claim(table.as_ref(), 1).await;
    change(table.as_ref(), &claim, 0, &failed("a", 1))
        .await
        .unwrap();
    let to = at(2);
    let page = PageWrite::checkpoint(&claim, Position::new(1), &to);
    table.write_page(page).await.unwrap();
    let again = stores.views.open(&schema).await.unwrap();
    assert_eq!(again.checkpoint().await.unwrap(), at(2));
    assert_eq!(waiting(again.as_ref()).await.len(), 1);
}
