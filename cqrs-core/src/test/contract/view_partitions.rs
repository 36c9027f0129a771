//! The view store's contract: partitions, each with a lease, a checkpoint and dead letters of its own.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::sample::{at, claim, ids, row, schema, write};
use crate::checkpoint::{Claim, ClaimOutcome, ClaimRequest};
use crate::store::Stores;
use crate::stream::{Position, StreamId};
use crate::view::{
    Answering, BuildOutcome, HeldEvent, LetterChanges, LetterOrder, LetterOutcome, PageWrite, Row,
    RowChanges, StoredLetter, SwapOutcome, ViewQuery, ViewSchema, ViewTable, WritePageError,
};

const LEASE: Duration = Duration::from_secs(60);

fn divided(version: u32) -> ViewSchema {
    let mut divided = schema("places");
    divided.version = version;
    divided.partitions = 2;
    divided
}

/// The view, once for each partition.
async fn open(stores: &Stores, schema: &ViewSchema) -> [Arc<dyn ViewTable>; 2] {
    let table = stores.views.open(schema).await.unwrap();
    [table.partition(0), table.partition(1)]
}

async fn add(table: &dyn ViewTable, claim: &Claim, from: u64, id: &str) {
    let changes = RowChanges {
        inserts: vec![row(id, Some(1), None)],
        ..RowChanges::default()
    };
    let positions = from..from + 1;
    write(table, claim, positions, (&[id], &[]), |_| changes.clone())
        .await
        .unwrap();
}

async fn rows(table: &dyn ViewTable) -> Vec<Row> {
    table.query(&ViewQuery::first(100)).await.unwrap()
}

async fn build(stores: &Stores, holder: u128) -> BuildOutcome {
    let initial = at(0);
    let request = ClaimRequest::new(Uuid::from_u128(holder), LEASE, &initial);
    stores.views.build(&divided(1), request).await.unwrap()
}

pub async fn each_partition_has_a_worker_of_its_own(stores: &Stores) {
    let [left, right] = open(stores, &divided(1)).await;
    let first = claim(left.as_ref(), 1).await;
    let second = claim(right.as_ref(), 2).await;
    add(left.as_ref(), &first, 0, "a").await;
    add(left.as_ref(), &first, 1, "b").await;
    add(right.as_ref(), &second, 0, "c").await;
    assert_eq!(left.checkpoint().await.unwrap(), at(2));
    assert_eq!(right.checkpoint().await.unwrap(), at(1));
    for table in [&left, &right] {
        assert_eq!(ids(&rows(table.as_ref()).await), ["a", "b", "c"]);
    }
    let [again, _] = open(stores, &divided(1)).await;
    assert_eq!(again.checkpoint().await.unwrap(), at(2));
}

pub async fn partitions_begin_at_one_place(stores: &Stores) {
    let [left, right] = open(stores, &divided(1)).await;
    for (table, initial) in [(left, at(5)), (right, at(9))] {
        let request = ClaimRequest::new(Uuid::from_u128(1), LEASE, &initial);
        let claimed = table.claim(request).await.unwrap();
        let ClaimOutcome::Held { checkpoint, .. } = claimed else {
            panic!("it is free: {claimed:?}");
        };
        assert_eq!(checkpoint, at(5), "where the first of them was told");
    }
}

pub async fn a_takeover_of_one_partition_leaves_the_others(stores: &Stores) {
    let [left, right] = open(stores, &divided(1)).await;
    let stale = claim(left.as_ref(), 1).await;
    let other = claim(right.as_ref(), 1).await;
    left.release(&stale).await.unwrap();
    let taken = claim(left.as_ref(), 2).await;
    assert!(taken.epoch > stale.epoch);
    let late = write(left.as_ref(), &stale, 0..1, (&[], &[]), |_| {
        RowChanges::default()
    });
    assert!(matches!(late.await, Err(WritePageError::Fenced)));
    let elsewhere = write(right.as_ref(), &taken, 0..1, (&[], &[]), |_| {
        RowChanges::default()
    });
    assert!(
        matches!(elsewhere.await, Err(WritePageError::Fenced)),
        "the lease of one partition is none of another"
    );
    add(right.as_ref(), &other, 0, "c").await;
}

fn held() -> HeldEvent {
    HeldEvent::new("stream:sample/a", Position::new(1))
}

async fn bury(table: &dyn ViewTable, claim: &Claim) {
    let letter = StoredLetter::new(held(), StreamId::new("sample", "a").unwrap(), 1);
    let mut changes = LetterChanges::default();
    changes.held.push(held());
    changes.letters.push(letter);
    change(table, claim, &changes).await;
}

async fn change(table: &dyn ViewTable, claim: &Claim, changes: &LetterChanges) {
    let checkpoint = table.checkpoint().await.unwrap();
    let mut page = PageWrite::checkpoint(claim, checkpoint.position, &checkpoint);
    page.letters = Some(changes);
    table.write_page(page).await.unwrap();
}

pub async fn each_partition_has_dead_letters_of_its_own(stores: &Stores) {
    let [left, right] = open(stores, &divided(1)).await;
    let (first, second) = (
        claim(left.as_ref(), 1).await,
        claim(right.as_ref(), 2).await,
    );
    bury(left.as_ref(), &first).await;
    assert_eq!(left.letters().letter_count().await.unwrap(), 1);
    assert_eq!(right.letters().letter_count().await.unwrap(), 0);
    assert_eq!(right.letters().holds().await.unwrap(), []);
    bury(right.as_ref(), &second).await;
    let mut released = LetterChanges::default();
    released.released.push(held());
    change(left.as_ref(), &first, &released).await;
    assert_eq!(left.letters().letter_count().await.unwrap(), 0);
    let waiting = right.letters().held(&held().key, 10).await.unwrap();
    assert_eq!(waiting, [held().position], "it waits for the other rows");
}

pub async fn a_request_is_for_one_partition(stores: &Stores) {
    let [left, right] = open(stores, &divided(1)).await;
    let request = Uuid::from_u128(9);
    let order = LetterOrder::RetryAll;
    right.letters().ask(request, &order).await.unwrap();
    assert_eq!(left.letters().requests().await.unwrap(), []);
    let asked = right.letters().requests().await.unwrap();
    assert_eq!(asked, [(request, order)]);
    let claim = claim(right.as_ref(), 1).await;
    let mut answer = LetterChanges::default();
    answer.answers.push((request, LetterOutcome::default()));
    change(right.as_ref(), &claim, &answer).await;
    let outcome = right.letters().outcome(request).await.unwrap();
    assert_eq!(outcome, Some(LetterOutcome::default()));
}

pub async fn a_divided_view_answers_when_its_slowest_partition_has_caught_up(stores: &Stores) {
    let old = stores.views.open(&schema("places")).await.unwrap();
    let feeding = claim(old.as_ref(), 1).await;
    add(old.as_ref(), &feeding, 0, "old").await;
    let [left, right] = open(stores, &divided(1)).await;
    let first = claim(left.as_ref(), 1).await;
    add(left.as_ref(), &first, 0, "a").await;
    let behind = left.swap(&first, None).await.unwrap();
    assert_eq!(behind, SwapOutcome::Behind(at(1)));
    assert!(matches!(
        right.answering().await.unwrap(),
        Answering::Older(_)
    ));
    let second = claim(right.as_ref(), 2).await;
    add(right.as_ref(), &second, 0, "b").await;
    assert_eq!(left.swap(&first, None).await.unwrap(), SwapOutcome::Swapped);
    assert!(matches!(
        right.answering().await.unwrap(),
        Answering::Itself
    ));
    assert_eq!(
        right.swap(&second, None).await.unwrap(),
        SwapOutcome::Swapped
    );
}

pub async fn another_number_of_partitions_is_waited_for_as_a_whole(stores: &Stores) {
    let [left, right] = open(stores, &divided(1)).await;
    let (first, second) = (
        claim(left.as_ref(), 1).await,
        claim(right.as_ref(), 1).await,
    );
    add(left.as_ref(), &first, 0, "a").await;
    add(left.as_ref(), &first, 1, "b").await;
    add(right.as_ref(), &second, 0, "c").await;
    let whole = stores.views.open(&schema("places")).await.unwrap();
    let third = claim(whole.as_ref(), 1).await;
    let behind = whole.swap(&third, None).await.unwrap();
    assert_eq!(behind, SwapOutcome::Behind(at(1)), "what all of it shows");
    add(whole.as_ref(), &third, 0, "d").await;
    let swapped = whole.swap(&third, None).await.unwrap();
    assert_eq!(swapped, SwapOutcome::Swapped);
    assert_eq!(ids(&rows(whole.as_ref()).await), ["d"]);
}

pub async fn one_worker_builds_every_partition(stores: &Stores) {
    let [left, right] = open(stores, &divided(1)).await;
    let (first, second) = (
        claim(left.as_ref(), 1).await,
        claim(right.as_ref(), 1).await,
    );
    add(left.as_ref(), &first, 0, "a").await;
    add(right.as_ref(), &second, 0, "b").await;
    let BuildOutcome::Held { table, claim } = build(stores, 3).await else {
        panic!("it is free");
    };
    let built = [table.partition(0), table.partition(1)];
    built[0].release(&claim).await.unwrap();
    assert!(
        matches!(build(stores, 4).await, BuildOutcome::HeldBy(_)),
        "as long as one of its partitions is held"
    );
    built[1].release(&claim).await.unwrap();
    let BuildOutcome::Held { table, claim } = build(stores, 4).await else {
        panic!("it was left");
    };
    let built = [table.partition(0), table.partition(1)];
    add(built[0].as_ref(), &claim, 0, "c").await;
    let behind = built[0].swap(&claim, None).await.unwrap();
    assert_eq!(behind, SwapOutcome::Behind(at(1)));
    add(built[1].as_ref(), &claim, 0, "d").await;
    add(built[1].as_ref(), &claim, 1, "e").await;
    bury(built[1].as_ref(), &claim).await;
    let swapped = built[0].swap(&claim, None).await.unwrap();
    assert_eq!(swapped, SwapOutcome::Swapped);
    assert_eq!(ids(&rows(right.as_ref()).await), ["c", "d", "e"]);
    assert_eq!(left.checkpoint().await.unwrap(), at(1));
    assert_eq!(right.checkpoint().await.unwrap(), at(2));
    assert_eq!(left.letters().letter_count().await.unwrap(), 0);
    assert_eq!(right.letters().letter_count().await.unwrap(), 1);
    for (table, stale) in [(left, first), (right, second)] {
        let late = write(table.as_ref(), &stale, 1..2, (&[], &[]), |_| {
            RowChanges::default()
        });
        assert!(matches!(late.await, Err(WritePageError::Fenced)));
    }
}

/// What somebody has waited for in a partition is shown by the one that takes its place.
pub async fn a_build_takes_no_partition_back(stores: &Stores) {
    let [left, right] = open(stores, &divided(1)).await;
    let first = claim(left.as_ref(), 1).await;
    let second = claim(right.as_ref(), 1).await;
    add(left.as_ref(), &first, 0, "a").await;
    add(left.as_ref(), &first, 1, "b").await;
    add(left.as_ref(), &first, 2, "c").await;
    add(right.as_ref(), &second, 0, "d").await;
    let BuildOutcome::Held { table, claim } = build(stores, 3).await else {
        panic!("it is free");
    };
    let built = [table.partition(0), table.partition(1)];
    add(built[0].as_ref(), &claim, 0, "e").await;
    add(built[1].as_ref(), &claim, 0, "f").await;
    add(built[1].as_ref(), &claim, 1, "g").await;
    let behind = built[1].swap(&claim, None).await.unwrap();
    assert_eq!(behind, SwapOutcome::Behind(at(3)));
    let elsewhere = built[1].swap(&claim, Some(&at(4))).await.unwrap();
    assert_eq!(elsewhere, SwapOutcome::Behind(at(3)));
    assert_eq!(ids(&rows(left.as_ref()).await), ["a", "b", "c", "d"]);
    let lost = built[1].swap(&claim, Some(&at(2))).await.unwrap();
    assert_eq!(lost, SwapOutcome::Swapped, "what is lost is not waited for");
    assert_eq!(left.checkpoint().await.unwrap(), at(1));
    assert_eq!(right.checkpoint().await.unwrap(), at(2));
}

pub async fn a_table_that_answers_takes_no_name_again(stores: &Stores) {
    let [left, right] = open(stores, &divided(1)).await;
    let first = claim(left.as_ref(), 1).await;
    let second = claim(right.as_ref(), 1).await;
    add(left.as_ref(), &first, 0, "a").await;
    add(right.as_ref(), &second, 0, "b").await;
    let newer = stores.views.open(&schema("places")).await.unwrap();
    let third = claim(newer.as_ref(), 1).await;
    add(newer.as_ref(), &third, 0, "c").await;
    newer.swap(&third, None).await.unwrap();
    add(left.as_ref(), &first, 1, "d").await;
    add(right.as_ref(), &second, 1, "e").await;
    let late = right.swap(&second, None).await.unwrap();
    assert_eq!(late, SwapOutcome::Swapped, "it answers its own code");
    let [newest, _] = open(stores, &divided(3)).await;
    let Answering::Older(older) = newest.answering().await.unwrap() else {
        panic!("it is not built");
    };
    let shown = older.query(&ViewQuery::first(100)).await.unwrap();
    assert_eq!(ids(&shown), ["c"]);
}

pub async fn an_event_that_is_added_is_one_for_every_partition(stores: &Stores) {
    let before = divided(1).following(["place.found"]);
    let after = divided(1).following(["place.found", "place.lost"]);
    let [_, right] = open(stores, &before).await;
    let initial = at(0);
    let follow = |table: Arc<dyn ViewTable>, events: &'static [&'static str]| {
        let request = ClaimRequest::new(Uuid::from_u128(1), LEASE, &initial).following(events);
        async move { table.claim(request).await.unwrap() }
    };
    let claimed = follow(right.clone(), &["place.found"]).await;
    let ClaimOutcome::Held { claim: stale, .. } = claimed else {
        panic!("it is free: {claimed:?}");
    };
    let [left, right] = open(stores, &after).await;
    let late = write(right.as_ref(), &stale, 0..1, (&[], &[]), |_| {
        RowChanges::default()
    });
    assert!(matches!(late.await, Err(WritePageError::Fenced)));
    let claimed = follow(left.clone(), &["place.found", "place.lost"]).await;
    let ClaimOutcome::Held { claim, .. } = claimed else {
        panic!("it is free: {claimed:?}");
    };
    left.settle_events(&claim).await.unwrap();
    assert_eq!(left.added_events().await.unwrap(), [""; 0]);
    assert_eq!(right.added_events().await.unwrap(), ["place.lost"]);
    assert!(
        matches!(left.answering().await.unwrap(), Answering::Older(_)),
        "until every partition has made sure"
    );
}

pub async fn a_divided_table_is_in_use_while_one_partition_is(stores: &Stores) {
    let [left, right] = open(stores, &divided(1)).await;
    let (first, second) = (
        claim(left.as_ref(), 1).await,
        claim(right.as_ref(), 1).await,
    );
    add(left.as_ref(), &first, 0, "a").await;
    add(right.as_ref(), &second, 0, "b").await;
    left.release(&first).await.unwrap();
    let new = stores.views.open(&schema("places")).await.unwrap();
    let feeding = claim(new.as_ref(), 2).await;
    add(new.as_ref(), &feeding, 0, "c").await;
    assert_eq!(
        new.swap(&feeding, None).await.unwrap(),
        SwapOutcome::Swapped
    );
    new.drop_unused(Duration::ZERO).await.unwrap();
    assert_eq!(ids(&rows(left.as_ref()).await), ["a", "b"]);
    right.release(&second).await.unwrap();
    new.drop_unused(Duration::ZERO).await.unwrap();
    let [left, _] = open(stores, &divided(1)).await;
    assert_eq!(rows(left.as_ref()).await, Vec::<Row>::new());
    assert_eq!(left.checkpoint().await.unwrap().log_id, None);
}
