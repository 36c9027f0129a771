//! ⑥ The events that whoever feeds a table must follow.

use cqrs_core::checkpoint::Claim;
use cqrs_core::store::StoreError;
use sqlx::Row;

use super::PostgresView;
use crate::binds::statement;

impl PostgresView {
    pub(super) async fn read_added(&self) -> Result<Vec<String>, StoreError> {
        const OPERATION: &str = "read added events";
        let sql = &self.database.sql;
        let read = || self.partitioned(statement(&sql.read_added));
        let rows = self.database.read(OPERATION, read).await?;
        let added = rows.first().map(|row| row.try_get(0)).transpose();
        let added = added.map_err(|error| self.database.place(OPERATION).error(error))?;
        Ok(added.unwrap_or_default())
    }

    pub(super) async fn settle(&self, claim: &Claim) -> Result<(), StoreError> {
        let settle = self.claimed(statement(&self.database.sql.settle_added), claim);
        self.write_alone("settle added events", settle).await
    }
}
