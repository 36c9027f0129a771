//! The view store's contract: which nodes feed the partitions of a view, and which would.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::sample::{at, claim, schema};
use crate::checkpoint::{ClaimOutcome, ClaimRequest};
use crate::store::Stores;
use crate::view::{Lease, Leases, ViewSchema, ViewTable};

const LEASE: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(200);

fn divided() -> ViewSchema {
    let mut divided = schema("places");
    divided.partitions = 3;
    divided
}

async fn open(stores: &Stores, schema: &ViewSchema) -> Arc<dyn ViewTable> {
    stores.views.open(schema).await.unwrap()
}

async fn leases(table: &dyn ViewTable) -> Leases {
    table.nodes().leases().await.unwrap()
}

/// Who holds each partition; 0 where nobody does.
async fn holders(table: &dyn ViewTable) -> Vec<u128> {
    let holder = |lease: &Option<Lease>| lease.map_or(0, |lease| lease.holder.as_u128());
    leases(table).await.partitions.iter().map(holder).collect()
}

async fn standing_by(table: &dyn ViewTable) -> Vec<u128> {
    let leases = leases(table).await;
    leases.standing_by.iter().map(Uuid::as_u128).collect()
}

async fn stand_by(table: &dyn ViewTable, node: u128, lease: Duration, events: &[&str]) {
    let initial = at(0);
    let request = ClaimRequest::new(Uuid::from_u128(node), lease, &initial);
    let nodes = table.nodes();
    nodes.stand_by(request.following(events)).await.unwrap();
}

/// Waits for what only time brings about.
async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let waited = tokio::time::timeout(Duration::from_secs(20), async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    waited.await.unwrap();
}

pub async fn the_leases_tell_who_feeds_which_partition(stores: &Stores) {
    let table = open(stores, &divided()).await;
    assert_eq!(holders(table.as_ref()).await, [0, 0, 0]);
    let first = claim(table.partition(0).as_ref(), 1).await;
    claim(table.partition(2).as_ref(), 2).await;
    assert_eq!(holders(table.as_ref()).await, [1, 0, 2]);
    let elsewhere = table.partition(1);
    assert_eq!(holders(elsewhere.as_ref()).await, [1, 0, 2]);
    table.partition(0).release(&first).await.unwrap();
    assert_eq!(holders(table.as_ref()).await, [0, 0, 2]);
    assert_eq!(standing_by(table.as_ref()).await, [0_u128; 0]);
}

pub async fn a_lease_that_has_run_out_is_nobodys(stores: &Stores) {
    let table = open(stores, &divided()).await;
    let initial = at(0);
    let request = ClaimRequest::new(Uuid::from_u128(1), SHORT, &initial);
    let claimed = table.partition(1).claim(request).await.unwrap();
    assert!(matches!(claimed, ClaimOutcome::Held { .. }), "{claimed:?}");
    until(async || holders(table.as_ref()).await == [0, 0, 0]).await;
}

pub async fn who_stands_by_is_known_until_it_leaves(stores: &Stores) {
    let table = open(stores, &divided()).await;
    stand_by(table.as_ref(), 2, LEASE, &[]).await;
    stand_by(table.partition(1).as_ref(), 1, LEASE, &[]).await;
    stand_by(table.as_ref(), 2, LEASE, &[]).await;
    let again = open(stores, &divided()).await;
    assert_eq!(standing_by(again.as_ref()).await, [1, 2]);
    again.nodes().leave(Uuid::from_u128(1)).await.unwrap();
    again.nodes().leave(Uuid::from_u128(1)).await.unwrap();
    assert_eq!(standing_by(table.as_ref()).await, [2]);
}

pub async fn a_node_that_is_not_heard_of_is_not_counted(stores: &Stores) {
    let table = open(stores, &divided()).await;
    stand_by(table.as_ref(), 1, SHORT, &[]).await;
    stand_by(table.as_ref(), 2, LEASE, &[]).await;
    until(async || standing_by(table.as_ref()).await == [2]).await;
    stand_by(table.as_ref(), 1, LEASE, &[]).await;
    assert_eq!(standing_by(table.as_ref()).await, [1, 2]);
}

pub async fn a_node_that_lacks_an_event_is_not_counted(stores: &Stores) {
    let before = divided().following(["place.found"]);
    let after = divided().following(["place.found", "place.lost"]);
    let table = open(stores, &before).await;
    stand_by(table.as_ref(), 1, LEASE, &["place.found"]).await;
    assert_eq!(standing_by(table.as_ref()).await, [1]);
    let newer = open(stores, &after).await;
    stand_by(newer.as_ref(), 2, LEASE, &["place.found", "place.lost"]).await;
    assert_eq!(standing_by(table.as_ref()).await, [2]);
    stand_by(table.as_ref(), 1, LEASE, &["place.found"]).await;
    assert_eq!(standing_by(newer.as_ref()).await, [2]);
}

pub async fn nodes_of_other_code_are_not_counted(stores: &Stores) {
    let table = open(stores, &divided()).await;
    let mut changed = divided();
    changed.version = 2;
    let other = open(stores, &changed).await;
    stand_by(table.as_ref(), 1, LEASE, &[]).await;
    stand_by(other.as_ref(), 2, LEASE, &[]).await;
    claim(other.partition(0).as_ref(), 2).await;
    assert_eq!(standing_by(table.as_ref()).await, [1]);
    assert_eq!(standing_by(other.as_ref()).await, [2]);
    assert_eq!(holders(table.as_ref()).await, [0, 0, 0]);
}
