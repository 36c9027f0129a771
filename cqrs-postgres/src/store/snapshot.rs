//! ③ Snapshots: one row a stream.

use cqrs_core::snapshot::StoredSnapshot;
use cqrs_core::store::StoreError;
use cqrs_core::stream::StreamId;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::{PostgresEventStore, integer, number, statement};

impl PostgresEventStore {
    pub(super) async fn stored_snapshot(
        &self,
        stream: &StreamId,
        fingerprint: u64,
    ) -> Result<Option<StoredSnapshot>, StoreError> {
        let read = || {
            statement(&self.database.sql.load_snapshot)
                .bind(stream.category())
                .bind(stream.id())
                .bind(text(fingerprint))
        };
        let snapshot = |row: &PgRow| {
            let (version, state): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
            Ok(StoredSnapshot::new(number(version), fingerprint, state))
        };
        let mut snapshots = self.all("load snapshot", read, snapshot).await?;
        Ok(snapshots.pop())
    }

    /// Saved twice, it is saved once.
    pub(super) async fn keep_snapshot(
        &self,
        stream: &StreamId,
        snapshot: &StoredSnapshot,
    ) -> Result<(), StoreError> {
        let save = || {
            statement(&self.database.sql.save_snapshot)
                .bind(stream.category())
                .bind(stream.id())
                .bind(integer(snapshot.version))
                .bind(text(snapshot.fingerprint))
                .bind(snapshot.state.as_str())
        };
        self.database.read("save snapshot", save).await.map(|_| ())
    }
}

/// As views' fingerprints are written.
fn text(fingerprint: u64) -> String {
    format!("{fingerprint:016x}")
}
