//! ⑧ Tables of a view that nobody feeds any more.

use std::collections::BTreeSet;
use std::time::Duration;

use cqrs_core::store::StoreError;

use super::lease::{lasting, names};
use super::{PostgresView, open, swap};
use crate::binds::statement;
use crate::database::Fault;

impl PostgresView {
    pub(super) async fn drop_unused_tables(&self, unused: Duration) -> Result<(), StoreError> {
        const OPERATION: &str = "drop unused tables";
        // Looked at beside whoever writes: nearly always there is none.
        let sql = &self.database.sql;
        let find = || lasting(self.named(statement(&sql.find_unused)), unused);
        if self.database.read(OPERATION, find).await?.is_empty() {
            return Ok(());
        }
        let dropped = self.try_drop(unused).await;
        dropped.map_err(|fault| self.database.place(OPERATION).fault(fault))
    }

    async fn try_drop(&self, unused: Duration) -> Result<(), Fault> {
        let sql = &self.database.sql;
        let mut transaction = open::begin_change(&self.database, &self.table).await?;
        let take = lasting(self.named(statement(&sql.take_name)), unused);
        if !transaction.rows(take).await?.is_empty() && self.table.schema.has_rows() {
            // What somebody else has made under the name stays; opening the view says so.
            let _ = open::show(&mut transaction, sql, &self.table).await?;
        }
        let remove = lasting(self.named(statement(&sql.remove_unused)), unused);
        let removed = names(&transaction.rows(remove).await?)?;
        let removed: BTreeSet<String> = removed.into_iter().collect();
        for fingerprint in removed {
            let unused = self.table.older(&fingerprint);
            swap::remove_letters(&mut transaction, sql, &unused).await?;
            let requests = unused.named_in(statement(&sql.remove_letter_requests));
            transaction.execute(requests).await?;
            open::make(&mut transaction, unused.drop_table()).await?;
        }
        transaction.commit().await
    }
}
