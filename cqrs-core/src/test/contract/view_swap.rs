//! The view store's contract: tables beside tables, and which one answers.

use std::time::Duration;

use chrono::TimeDelta;
use uuid::Uuid;

use super::sample::{NUMBER, at, claim, fill, row, schema, text, write};
use crate::checkpoint::{Claim, ClaimOutcome, ClaimRequest};
use crate::store::Stores;
use crate::stream::Position;
use crate::view::{
    Answering, BuildOutcome, Building, Row, RowChanges, SwapOutcome, ViewSchema, ViewTable,
    WritePageError,
};

const UNUSED: Duration = Duration::from_secs(600);

fn changed() -> ViewSchema {
    let mut changed = schema("places");
    changed.version = 2;
    changed
}

fn one(number: i64) -> Vec<Row> {
    vec![row("a", Some(number), None)]
}

async fn shown(answering: Answering, own: &dyn ViewTable) -> Option<Vec<Row>> {
    let key = [text("a")];
    match answering {
        Answering::Itself => Some(own.get(&key).await.unwrap()),
        Answering::Older(older) => Some(older.get(&key).await.unwrap()),
        Answering::Nothing => None,
    }
}

/// What code with the table's schema is shown.
async fn answer(table: &dyn ViewTable) -> Option<Vec<Row>> {
    shown(table.answering().await.unwrap(), table).await
}

async fn advance(table: &dyn ViewTable, claim: &Claim, from: u64) {
    let page = write(table, claim, from..from + 1, (&[], &[]), |_| {
        RowChanges::default()
    });
    page.await.unwrap();
}

async fn build(stores: &Stores, holder: u128) -> BuildOutcome {
    let initial = at(0);
    let lease = Duration::from_secs(60);
    let request = ClaimRequest::new(Uuid::from_u128(holder), lease, &initial);
    let schema = schema("places");
    stores.views.build(&schema, request).await.unwrap()
}

async fn building(stores: &Stores) -> Option<Building> {
    stores.views.building(&schema("places")).await.unwrap()
}

pub async fn the_first_table_of_a_view_answers_at_once(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    assert_eq!(answer(table.as_ref()).await, Some(Vec::new()));
    let other = stores.views.open(&schema("others")).await.unwrap();
    assert!(matches!(
        other.answering().await.unwrap(),
        Answering::Itself
    ));
}

pub async fn a_changed_view_answers_after_the_swap(stores: &Stores) {
    let old = stores.views.open(&schema("places")).await.unwrap();
    fill(old.as_ref(), one(1)).await;
    let new = stores.views.open(&changed()).await.unwrap();
    assert_eq!(answer(new.as_ref()).await, Some(one(1)), "the older rows");
    let claim = fill(new.as_ref(), one(2)).await;
    assert_eq!(answer(new.as_ref()).await, Some(one(1)), "until the swap");
    let swapped = new.swap(&claim, None).await.unwrap();
    assert_eq!(swapped, SwapOutcome::Swapped);
    assert_eq!(answer(new.as_ref()).await, Some(one(2)));
    assert_eq!(answer(old.as_ref()).await, Some(one(1)), "for older code");
    let again = stores.views.open(&changed()).await.unwrap();
    assert_eq!(answer(again.as_ref()).await, Some(one(2)));
}

pub async fn other_columns_are_not_answered_by_an_older_table(stores: &Stores) {
    let old = stores.views.open(&schema("places")).await.unwrap();
    fill(old.as_ref(), one(1)).await;
    let mut wider = schema("places");
    wider.columns[NUMBER].nullable = false;
    let new = stores.views.open(&wider).await.unwrap();
    assert_eq!(answer(new.as_ref()).await, None);
    let claim = fill(new.as_ref(), one(2)).await;
    assert_eq!(answer(new.as_ref()).await, None);
    new.swap(&claim, None).await.unwrap();
    assert_eq!(answer(new.as_ref()).await, Some(one(2)));
}

pub async fn a_swap_never_goes_backwards(stores: &Stores) {
    let old = stores.views.open(&schema("places")).await.unwrap();
    let feeding = fill(old.as_ref(), one(1)).await;
    advance(old.as_ref(), &feeding, 1).await;
    let new = stores.views.open(&changed()).await.unwrap();
    let claim = fill(new.as_ref(), one(2)).await;
    let behind = new.swap(&claim, None).await.unwrap();
    assert_eq!(behind, SwapOutcome::Behind(at(2)));
    let elsewhere = new.swap(&claim, Some(&at(3))).await.unwrap();
    assert_eq!(elsewhere, SwapOutcome::Behind(at(2)));
    assert_eq!(answer(new.as_ref()).await, Some(one(1)));
    advance(new.as_ref(), &claim, 1).await;
    let swapped = new.swap(&claim, None).await.unwrap();
    assert_eq!(swapped, SwapOutcome::Swapped);
}

pub async fn a_build_never_goes_backwards(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let feeding = fill(table.as_ref(), one(1)).await;
    advance(table.as_ref(), &feeding, 1).await;
    let BuildOutcome::Held { table: built, .. } = build(stores, 1).await else {
        panic!("it is free");
    };
    let claim = fill(built.as_ref(), one(2)).await;
    let behind = built.swap(&claim, None).await.unwrap();
    assert_eq!(behind, SwapOutcome::Behind(at(2)));
    assert_eq!(answer(table.as_ref()).await, Some(one(1)));
    assert_eq!(table.checkpoint().await.unwrap(), at(2));
    let lost = built.swap(&claim, Some(&at(2))).await.unwrap();
    assert_eq!(lost, SwapOutcome::Swapped, "what is lost is not waited for");
    assert_eq!(table.checkpoint().await.unwrap(), at(1));
}

pub async fn a_swap_needs_the_lease(stores: &Stores) {
    stores.views.open(&schema("places")).await.unwrap();
    let new = stores.views.open(&changed()).await.unwrap();
    let stale = fill(new.as_ref(), one(2)).await;
    new.release(&stale).await.unwrap();
    claim(new.as_ref(), 2).await;
    let fenced = new.swap(&stale, None).await.unwrap();
    assert_eq!(fenced, SwapOutcome::Fenced);
    assert_eq!(
        answer(new.as_ref()).await,
        Some(Vec::new()),
        "the older one"
    );
}

pub async fn a_built_table_takes_the_place_of_its_view(stores: &Stores) {
    let table = stores.views.open(&schema("places")).await.unwrap();
    let feeding = fill(table.as_ref(), one(0)).await;
    for round in 1..4 {
        let BuildOutcome::Held { table: built, .. } = build(stores, 1).await else {
            panic!("it is free");
        };
        let claim = fill(built.as_ref(), one(round)).await;
        assert_eq!(answer(table.as_ref()).await, Some(one(round - 1)));
        let swapped = built.swap(&claim, None).await.unwrap();
        assert_eq!(swapped, SwapOutcome::Swapped);
        assert_eq!(answer(table.as_ref()).await, Some(one(round)));
        assert_eq!(building(stores).await, None);
    }
    assert_eq!(table.checkpoint().await.unwrap(), at(1));
    let late = write(table.as_ref(), &feeding, 1..2, (&[], &[]), |_| {
        RowChanges::default()
    });
    assert!(
        matches!(late.await, Err(WritePageError::Fenced)),
        "who fed the old rows has not folded into the new ones"
    );
    let feeding = claim(table.as_ref(), 1).await;
    advance(table.as_ref(), &feeding, 1).await;
    let again = stores.views.open(&schema("places")).await.unwrap();
    assert_eq!(answer(again.as_ref()).await, Some(one(3)));
}

pub async fn one_worker_builds_a_view(stores: &Stores) {
    stores.views.open(&schema("places")).await.unwrap();
    assert_eq!(building(stores).await, None);
    let BuildOutcome::Held { table, claim } = build(stores, 1).await else {
        panic!("it is free");
    };
    assert_eq!(table.checkpoint().await.unwrap(), at(0));
    write(table.as_ref(), &claim, 0..1, (&["a"], &[]), |_| {
        RowChanges {
            inserts: one(1),
            ..RowChanges::default()
        }
    })
    .await
    .unwrap();
    let BuildOutcome::HeldBy(other) = build(stores, 2).await else {
        panic!("it is held");
    };
    assert_eq!(other.holder, Some(Uuid::from_u128(1)));
    assert_eq!(other.checkpoint, at(1));
    let again = building(stores).await.unwrap();
    assert_eq!(
        (again.holder, &again.checkpoint),
        (other.holder, &other.checkpoint)
    );
    let apart = (again.until - other.until).abs();
    assert!(
        apart < TimeDelta::seconds(1),
        "the same moment, on the way from another machine's clock to this one's: {apart}"
    );
    table.release(&claim).await.unwrap();
    assert_eq!(building(stores).await.unwrap().holder, None);
}

/// What it was built by may be other code, so nothing of it is taken over.
pub async fn a_build_that_was_left_begins_anew(stores: &Stores) {
    stores.views.open(&schema("places")).await.unwrap();
    let BuildOutcome::Held { table: left, claim } = build(stores, 1).await else {
        panic!("it is free");
    };
    let late = fill(left.as_ref(), one(1)).await;
    left.release(&claim).await.unwrap();
    let BuildOutcome::Held { table, claim } = build(stores, 2).await else {
        panic!("it is free");
    };
    assert_eq!(table.checkpoint().await.unwrap(), at(0));
    assert_eq!(table.count(&[]).await.unwrap(), 0);
    let page = write(left.as_ref(), &late, 1..2, (&["a"], &[]), |_| RowChanges {
        inserts: one(9),
        ..RowChanges::default()
    });
    assert!(matches!(page.await, Err(WritePageError::Fenced)));
    assert_eq!(left.swap(&late, None).await.unwrap(), SwapOutcome::Fenced);
    assert_eq!(table.count(&[]).await.unwrap(), 0);
    assert_eq!(
        table.swap(&claim, None).await.unwrap(),
        SwapOutcome::Swapped
    );
}

/// The old table of a view that was swapped, with a lease of so long.
async fn swapped(stores: &Stores, lease: Duration) -> std::sync::Arc<dyn ViewTable> {
    let old = stores.views.open(&schema("places")).await.unwrap();
    let claim = fill(old.as_ref(), one(1)).await;
    old.release(&claim).await.unwrap();
    let initial = at(0);
    let request = ClaimRequest::new(Uuid::from_u128(3), lease, &initial);
    old.claim(request).await.unwrap();
    let new = stores.views.open(&changed()).await.unwrap();
    let claim = fill(new.as_ref(), one(2)).await;
    new.swap(&claim, None).await.unwrap();
    new
}

pub async fn a_table_that_nobody_feeds_is_dropped(stores: &Stores) {
    let new = swapped(stores, Duration::ZERO).await;
    new.drop_unused(UNUSED).await.unwrap();
    let old = stores.views.open(&schema("places")).await.unwrap();
    assert_eq!(old.checkpoint().await.unwrap(), at(1), "not yet");
    let held = claim(old.as_ref(), 4).await;
    old.release(&held).await.unwrap();
    new.drop_unused(Duration::ZERO).await.unwrap();
    let again = stores.views.open(&schema("places")).await.unwrap();
    assert_eq!(again.checkpoint().await.unwrap().log_id, None);
    assert_eq!(again.count(&[]).await.unwrap(), 0);
    assert_eq!(answer(new.as_ref()).await, Some(one(2)));
}

pub async fn a_table_that_is_fed_stays(stores: &Stores) {
    let new = swapped(stores, Duration::from_secs(60)).await;
    let mut tried = changed();
    tried.version = 3;
    let left = stores.views.open(&tried).await.unwrap();
    let claim = fill(left.as_ref(), one(3)).await;
    left.release(&claim).await.unwrap();
    new.drop_unused(Duration::ZERO).await.unwrap();
    let again = stores.views.open(&tried).await.unwrap();
    assert_eq!(again.count(&[]).await.unwrap(), 0, "nobody feeds that one");
    let old = stores.views.open(&schema("places")).await.unwrap();
    assert_eq!(old.checkpoint().await.unwrap().position, Position::new(1));
    assert_eq!(answer(old.as_ref()).await, Some(one(1)));
}

pub async fn the_table_that_answers_stays(stores: &Stores) {
    let old = stores.views.open(&schema("places")).await.unwrap();
    let claim = fill(old.as_ref(), one(1)).await;
    old.release(&claim).await.unwrap();
    let new = stores.views.open(&changed()).await.unwrap();
    new.drop_unused(Duration::ZERO).await.unwrap();
    assert_eq!(answer(new.as_ref()).await, Some(one(1)));
}

const EVENTS: [&str; 2] = ["place.found", "place.lost"];

/// The view as code has it that follows so many of the events.
fn followed(events: usize) -> ViewSchema {
    schema("places").following(EVENTS[..events].iter().copied())
}

async fn claim_with(table: &dyn ViewTable, events: &[&str]) -> ClaimOutcome {
    let initial = at(0);
    let holder = Uuid::from_u128(events.len() as u128);
    let request = ClaimRequest::new(holder, Duration::from_secs(60), &initial);
    table.claim(request.following(events)).await.unwrap()
}

pub async fn who_lacks_an_event_cannot_go_on(stores: &Stores) {
    let old = stores.views.open(&followed(1)).await.unwrap();
    let ClaimOutcome::Held { claim: stale, .. } = claim_with(old.as_ref(), &EVENTS[..1]).await
    else {
        panic!("it is free");
    };
    advance(old.as_ref(), &stale, 0).await;
    let new = stores.views.open(&followed(2)).await.unwrap();
    let late = write(old.as_ref(), &stale, 1..2, (&[], &[]), |_| {
        RowChanges::default()
    });
    assert!(matches!(late.await, Err(WritePageError::Fenced)));
    let lacks = ClaimOutcome::Lacks {
        events: vec![EVENTS[1].to_owned()],
    };
    assert_eq!(claim_with(old.as_ref(), &EVENTS[..1]).await, lacks);
    let held = claim_with(new.as_ref(), &EVENTS).await;
    let ClaimOutcome::Held { claim, checkpoint } = held else {
        panic!("it is free: {held:?}");
    };
    assert!(claim.epoch > stale.epoch);
    assert_eq!(checkpoint, at(1));
    stores.views.open(&followed(1)).await.unwrap();
    assert_eq!(claim_with(old.as_ref(), &EVENTS[..1]).await, lacks);
    advance(new.as_ref(), &claim, 1).await;
}

pub async fn an_added_event_is_remembered_until_it_is_settled(stores: &Stores) {
    let old = stores.views.open(&followed(1)).await.unwrap();
    assert_eq!(old.added_events().await.unwrap(), [""; 0]);
    assert!(matches!(old.answering().await.unwrap(), Answering::Itself));
    let new = stores.views.open(&followed(2)).await.unwrap();
    let again = stores.views.open(&followed(2)).await.unwrap();
    assert_eq!(again.added_events().await.unwrap(), [EVENTS[1]]);
    let answering = new.answering().await.unwrap();
    assert!(matches!(answering, Answering::Older(_)), "{answering:?}");
    let ClaimOutcome::Held { claim, .. } = claim_with(new.as_ref(), &EVENTS).await else {
        panic!("it is free");
    };
    let stale = Claim::new(claim.epoch - 1, claim.holder, claim.lease);
    new.settle_events(&stale).await.unwrap();
    assert_eq!(new.added_events().await.unwrap(), [EVENTS[1]]);
    new.settle_events(&claim).await.unwrap();
    assert_eq!(new.added_events().await.unwrap(), [""; 0]);
    assert!(matches!(new.answering().await.unwrap(), Answering::Itself));
}

pub async fn a_build_that_lacks_an_event_is_not_swapped_in(stores: &Stores) {
    let old = stores.views.open(&followed(1)).await.unwrap();
    claim_with(old.as_ref(), &EVENTS[..1]).await;
    let initial = at(0);
    let begin = |events: usize| {
        let holder = Uuid::from_u128(events as u128);
        let request = ClaimRequest::new(holder, Duration::from_secs(60), &initial);
        let (schema, views) = (followed(events), &stores.views);
        async move {
            let request = request.following(&EVENTS[..events]);
            match views.build(&schema, request).await.unwrap() {
                BuildOutcome::Held { table, claim } => (table, claim),
                BuildOutcome::HeldBy(other) => panic!("it is free: {other:?}"),
            }
        }
    };
    let (late, claim) = begin(1).await;
    stores.views.open(&followed(2)).await.unwrap();
    let lacks = SwapOutcome::Lacks {
        events: vec![EVENTS[1].to_owned()],
    };
    assert_eq!(late.swap(&claim, None).await.unwrap(), lacks);
    late.release(&claim).await.unwrap();
    let (built, claim) = begin(2).await;
    assert_eq!(
        built.swap(&claim, None).await.unwrap(),
        SwapOutcome::Swapped
    );
    assert_eq!(old.added_events().await.unwrap(), [""; 0]);
}
