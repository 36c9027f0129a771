//! Loading a stream: SELECT, serde_json and the fold.

use std::sync::Arc;

use anyhow::{Result, ensure};
use cqrs::Apply as _;
use sqlx::Row as _;
use sqlx::postgres::PgConnection;
use tokio::sync::Mutex;
use tokio_stream::StreamExt as _;

use super::connect;
use crate::domain::Account;
use crate::raw::decode;
use crate::session::Session;
use crate::workload;

/// Loads the one stream of so many events again and again.
pub(crate) async fn open(events: u64, url: &str) -> Result<Session> {
    let connection = Arc::new(Mutex::new(connect(url).await?));
    let expected = workload::long_stream_balance(events);
    Ok(Session::new(1, move |_| {
        let connection = connection.clone();
        async move {
            let stream = workload::account(0);
            let loaded = load(&mut *connection.lock().await, stream.as_str()).await?;
            let loaded = (loaded.0.balance, loaded.1);
            ensure!(loaded == (expected, events), "loaded {loaded:?}");
            Ok(())
        }
    }))
}

pub(super) async fn load(connection: &mut PgConnection, stream: &str) -> Result<(Account, u64)> {
    let mut rows = sqlx::query(include_str!("sql/read_stream.sql"))
        .bind(stream)
        .fetch(connection);
    let (mut account, mut version) = (Account::default(), 0);
    while let Some(row) = rows.try_next().await? {
        // The driver's own type for `json` would parse it twice.
        account.apply(decode(row.try_get(0)?, row.try_get_unchecked(1)?)?);
        version += 1;
    }
    Ok((account, version))
}
