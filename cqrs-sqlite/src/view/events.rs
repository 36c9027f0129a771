//! ⑥ The events that whoever feeds a table must follow.

use cqrs_core::checkpoint::Claim;
use cqrs_core::store::StoreError;
use sqlx::{Row, query};

use super::SqliteView;
use crate::binds::{blob, integer};
use crate::sql;

impl SqliteView {
    pub(super) async fn read_added(&self) -> Result<Vec<String>, StoreError> {
        const OPERATION: &str = "read added events";
        let statement = self.partitioned(query(sql::READ_ADDED));
        let rows = self.database.read(OPERATION, statement).await?;
        let added: Option<Result<String, _>> = rows.first().map(|row| row.try_get(0));
        let place = self.database.place(OPERATION);
        let added = added.transpose().map_err(|error| place.error(error))?;
        let added = added.as_deref().unwrap_or("[]");
        serde_json::from_str(added).map_err(|error| place.damaged(error.to_string()))
    }

    pub(super) async fn settle(&self, claim: &Claim) -> Result<(), StoreError> {
        let statement = self
            .partitioned(query(sql::SETTLE_ADDED))
            .bind(integer(claim.epoch))
            .bind(blob(claim.holder));
        self.database.write("settle added events", statement).await
    }
}

/// Names as one parameter.
pub(super) fn list<T: AsRef<str>>(names: &[T]) -> String {
    let names = names.iter().map(AsRef::as_ref);
    serde_json::Value::from_iter(names).to_string()
}
