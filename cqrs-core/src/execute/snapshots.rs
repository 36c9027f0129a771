//! ③ Snapshots around commands: taken after the answer, looked for before the fold.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::JoinSet;

use super::cache::Slot;
use super::executor::Executor;
use super::{Loaded, Receipt};
use crate::aggregate::Aggregate;
use crate::snapshot::{Snapshots, StoredSnapshot};
use crate::store::EventStore;
use crate::stream::StreamId;

/// The snapshots that are being written, and the fingerprints that were worked out.
#[derive(Debug, Default)]
pub(super) struct SnapshotTaker {
    tasks: Mutex<JoinSet<()>>,
    fingerprints: Mutex<HashMap<TypeId, u64>>,
}

impl SnapshotTaker {
    fn fingerprint<A: Aggregate>(&self, snapshots: &Snapshots<A>) -> u64 {
        let mut known = lock(&self.fingerprints);
        let fingerprint = known.entry(TypeId::of::<A>());
        *fingerprint.or_insert_with(|| snapshots.fingerprint())
    }
}

impl Executor {
    /// Writes a snapshot in the background where one is due.
    pub(super) fn take_snapshot<A: Aggregate>(&self, receipt: &Receipt, slot: Slot<A>) {
        let Some(snapshots) = A::snapshots() else {
            return;
        };
        let before = receipt.version.saturating_sub(receipt.events);
        if receipt.repeated || !snapshots.is_due(before, receipt.version) {
            return;
        }
        let fingerprint = self.snapshots.fingerprint(&snapshots);
        let (store, stream) = (Arc::clone(&self.store.0), receipt.stream.clone());
        let task = async move {
            // Version and state come out of the cache together, so they belong to each other,
            // whatever commands came in between.
            let state = match &*slot.lock().await {
                Some(loaded) => encode(&snapshots, loaded, fingerprint),
                None => None,
            };
            if let Some(snapshot) = state {
                save(store.as_ref(), &stream, &snapshot).await;
            }
        };
        let mut tasks = lock(&self.snapshots.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    /// The state of the newest snapshot that fits and is not newer than `up_to`.
    pub(super) async fn snapshot<A: Aggregate>(
        &self,
        stream: &StreamId,
        up_to: u64,
    ) -> Option<Loaded<A>> {
        let snapshots = A::snapshots()?;
        let fingerprint = self.snapshots.fingerprint(&snapshots);
        let stored = match self.store.0.load_snapshot(stream, fingerprint).await {
            Ok(stored) => stored.filter(|stored| stored.version <= up_to)?,
            Err(error) => {
                let error = error.full_text();
                tracing::warn!(%stream, error, "a snapshot cannot be read; folding all events");
                return None;
            }
        };
        let Some(state) = snapshots.decode(&stored.state) else {
            tracing::debug!(%stream, "a snapshot does not read back; folding all events");
            return None;
        };
        let version = stored.version;
        Some(Loaded { state, version })
    }

    /// Waits until the snapshots that were begun are written.
    pub(crate) async fn finish_snapshots(&self) {
        let tasks = std::mem::take(&mut *lock(&self.snapshots.tasks));
        tasks.join_all().await;
    }
}

fn encode<A: Aggregate>(
    snapshots: &Snapshots<A>,
    loaded: &Loaded<A>,
    fingerprint: u64,
) -> Option<StoredSnapshot> {
    match snapshots.encode(&loaded.state) {
        Ok(state) => Some(StoredSnapshot::new(loaded.version, fingerprint, state)),
        Err(error) => {
            let category = A::CATEGORY;
            tracing::warn!(category, %error, "the state cannot be written as a snapshot");
            None
        }
    }
}

async fn save(store: &dyn EventStore, stream: &StreamId, snapshot: &StoredSnapshot) {
    if let Err(error) = store.save_snapshot(stream, snapshot).await {
        let error = error.full_text();
        tracing::warn!(%stream, error, "a snapshot cannot be written; the events hold it all");
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
