//! The event store's contract: snapshots.

use super::sample::stream;
use crate::snapshot::StoredSnapshot;
use crate::store::Stores;

pub async fn a_snapshot_reads_back_equal(stores: &Stores) {
    let store = &stores.events;
    let (first, other) = (stream("a"), stream("b"));
    assert_eq!(store.load_snapshot(&first, 7).await.unwrap(), None);
    let snapshot = StoredSnapshot::new(100, 7, "{\"text\":\"Zürich 😀 \\u0041\"}");
    store.save_snapshot(&first, &snapshot).await.unwrap();
    let found = store.load_snapshot(&first, 7).await.unwrap();
    assert_eq!(found, Some(snapshot));
    assert_eq!(store.load_snapshot(&other, 7).await.unwrap(), None);
}

pub async fn a_snapshot_of_another_shape_is_not_found(stores: &Stores) {
    let store = &stores.events;
    let first = stream("a");
    for fingerprint in [0, 1, u64::MAX] {
        let snapshot = StoredSnapshot::new(5, fingerprint, "{}");
        store.save_snapshot(&first, &snapshot).await.unwrap();
        let found = store.load_snapshot(&first, fingerprint).await.unwrap();
        assert_eq!(found, Some(snapshot));
        assert_eq!(store.load_snapshot(&first, 2).await.unwrap(), None);
    }
}

pub async fn an_older_snapshot_does_not_replace_a_newer_one(stores: &Stores) {
    let store = &stores.events;
    let first = stream("a");
    for version in [200, 100, 200] {
        let snapshot = StoredSnapshot::new(version, 1, format!("{version}"));
        store.save_snapshot(&first, &snapshot).await.unwrap();
        let found = store.load_snapshot(&first, 1).await.unwrap();
        assert_eq!(found, Some(StoredSnapshot::new(200, 1, "200")));
    }
    let reshaped = StoredSnapshot::new(100, 2, "100");
    store.save_snapshot(&first, &reshaped).await.unwrap();
    assert_eq!(
        store.load_snapshot(&first, 2).await.unwrap(),
        Some(reshaped)
    );
}
