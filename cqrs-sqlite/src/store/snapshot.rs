//! ③ Snapshots: one row a stream.

use cqrs_core::snapshot::StoredSnapshot;
use cqrs_core::store::StoreError;
use cqrs_core::stream::StreamId;
use sqlx::{Row, query};

use super::SqliteEventStore;
use crate::binds::{integer, number};
use crate::sql;

impl SqliteEventStore {
    pub(super) async fn stored_snapshot(
        &self,
        stream: &StreamId,
        fingerprint: u64,
    ) -> Result<Option<StoredSnapshot>, StoreError> {
        const OPERATION: &str = "load snapshot";
        let statement = query(sql::LOAD_SNAPSHOT)
            .bind(stream.category())
            .bind(stream.id())
            .bind(text(fingerprint));
        let rows = self.database.read(OPERATION, statement).await?;
        let snapshot = rows.first().map(|row| {
            let (version, state): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
            Ok(StoredSnapshot::new(number(version), fingerprint, state))
        });
        let snapshot = snapshot.transpose();
        snapshot.map_err(|error| self.database.place(OPERATION).error(error))
    }

    pub(super) async fn keep_snapshot(
        &self,
        stream: &StreamId,
        snapshot: &StoredSnapshot,
    ) -> Result<(), StoreError> {
        let statement = query(sql::SAVE_SNAPSHOT)
            .bind(stream.category())
            .bind(stream.id())
            .bind(integer(snapshot.version))
            .bind(text(snapshot.fingerprint))
            .bind(&snapshot.state);
        self.database.write("save snapshot", statement).await
    }
}

/// As views' fingerprints are written.
fn text(fingerprint: u64) -> String {
    format!("{fingerprint:016x}")
}
