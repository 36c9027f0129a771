//! Catching up with a view: a page of the log, one batched upsert and the checkpoint, one commit.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Connection as _, Row as _};

use super::{connect, run};
use crate::domain::AccountEvent;
use crate::engine;
use crate::raw::decode;
use crate::workload::Tally;

/// As many events as the framework takes at once, so that both need as much memory.
const PAGE: i64 = 1000;

/// The view's connection and its place in the log.
pub(crate) struct Follower {
    connection: PgConnection,
    position: i64,
}

/// What a page changes in one row.
#[derive(Default)]
struct Change {
    owner: String,
    balance: i64,
}

type Changes<'a> = BTreeMap<&'a str, Change>;

impl Follower {
    /// Makes the view anew in the database that holds the log.
    pub(crate) async fn create(url: &str) -> Result<Self> {
        run(url, include_str!("sql/create_balances.sql")).await?;
        let connection = connect(url).await?;
        let position = 0;
        Ok(Self {
            connection,
            position,
        })
    }

    /// One page; whether there may be more.
    pub(crate) async fn step(&mut self) -> Result<bool> {
        let rows = sqlx::query(include_str!("sql/read_page.sql"))
            .bind(self.position)
            .bind(PAGE)
            .fetch_all(&mut self.connection)
            .await?;
        let Some(last) = rows.last() else {
            return Ok(false);
        };
        let to: i64 = last.try_get(0)?;
        self.write(changes(&rows)?, to).await?;
        self.position = to;
        Ok(rows.len() as i64 == PAGE)
    }

    pub(crate) async fn balance(&mut self, account: &str) -> Result<u64> {
        let balance: i64 = sqlx::query_scalar(include_str!("sql/read_balance.sql"))
            .bind(account)
            .fetch_one(&mut self.connection)
            .await?;
        Ok(balance as u64)
    }

    async fn write(&mut self, changes: Changes<'_>, to: i64) -> Result<()> {
        let mut transaction = self.connection.begin().await?;
        let moved = sqlx::query(include_str!("sql/move_checkpoint.sql"))
            .bind(self.position)
            .bind(to)
            .execute(&mut *transaction)
            .await?;
        ensure!(moved.rows_affected() == 1, "another worker moved the view");
        let (accounts, changes): (Vec<_>, Vec<_>) = changes.into_iter().unzip();
        let (owners, balances): (Vec<_>, Vec<_>) = changes
            .into_iter()
            .map(|change| (change.owner, change.balance))
            .unzip();
        sqlx::query(include_str!("sql/upsert_balances.sql"))
            .bind(accounts)
            .bind(owners)
            .bind(balances)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}

impl engine::Follower for Follower {
    async fn catch_up(&mut self) -> Result<()> {
        while self.step().await? {}
        Ok(())
    }

    async fn tally(&mut self) -> Result<Tally> {
        let (count, balance): (i64, i64) = sqlx::query_as(include_str!("sql/tally_balances.sql"))
            .fetch_one(&mut self.connection)
            .await?;
        Ok(Tally {
            count: count as u64,
            balance: balance as u64,
        })
    }
}

/// The page folded by account, in the order of the table's key. An account is opened once and first, so
/// the owner comes with the row and never changes.
fn changes(rows: &[PgRow]) -> Result<Changes<'_>> {
    let mut changes = Changes::new();
    for row in rows {
        let change = changes.entry(row.try_get(1)?).or_default();
        match decode(row.try_get(2)?, row.try_get_unchecked(3)?)? {
            AccountEvent::Opened { owner } => change.owner = owner,
            AccountEvent::Deposited { amount } => change.balance += amount as i64,
            AccountEvent::Withdrawn { amount } => change.balance -= amount as i64,
        }
    }
    Ok(changes)
}
