//! ⑧ Tables of a view that nobody feeds any more.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::Utc;
use cqrs_core::store::StoreError;
use sqlx::{AssertSqlSafe, Row, query};

use super::{SqliteView, open, swap};
use crate::binds::microseconds;
use crate::sql;

impl SqliteView {
    pub(super) async fn drop_unused_tables(&self, unused: Duration) -> Result<(), StoreError> {
        const OPERATION: &str = "drop unused tables";
        let unused = i64::try_from(unused.as_micros()).unwrap_or(i64::MAX);
        let before = microseconds(Utc::now()).saturating_sub(unused);
        // Looked at beside whoever writes: nearly always there is none.
        let find = self.named(query(sql::FIND_UNUSED)).bind(before);
        if self.database.read(OPERATION, find).await?.is_empty() {
            return Ok(());
        }
        let dropped = self.try_drop(before).await;
        dropped.map_err(|error| self.database.place(OPERATION).error(error))
    }

    async fn try_drop(&self, before: i64) -> Result<(), sqlx::Error> {
        let mut writer = self.database.writer().await?;
        let text = format!("BEGIN IMMEDIATE; {}", sql::TAKE_NAME);
        let take = self.named(query(AssertSqlSafe(text))).bind(before);
        if !writer.rows(take).await?.is_empty() {
            open::show(&mut writer, &self.table).await?;
        }
        let remove = self.named(query(sql::REMOVE_UNUSED)).bind(before);
        let mut drops = Vec::new();
        let removed = writer.rows(remove).await?;
        let removed: Result<BTreeSet<String>, _> =
            removed.iter().map(|row| row.try_get(0)).collect();
        for fingerprint in removed? {
            let unused = self.table.older(&fingerprint);
            swap::remove_letters(&mut writer, &unused).await?;
            let requests = query(sql::REMOVE_LETTER_REQUESTS)
                .bind(unused.schema.name)
                .bind(unused.fingerprint.clone());
            writer.execute(requests).await?;
            drops.extend(unused.drop_table());
        }
        open::make(&mut writer, drops).await?;
        writer.execute(query("COMMIT")).await?;
        writer.settle();
        Ok(())
    }
}
