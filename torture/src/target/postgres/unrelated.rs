//! Long transactions of others in the database: they must hold nobody back.

use std::time::Duration;

use anyhow::Result;
use sqlx::Executor;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use super::database::connect;

/// So many that there is always one.
const SESSIONS: usize = 2;

/// How many milliseconds a transaction is open.
const OPEN: std::ops::Range<u64> = 300..3000;

/// After the connection was lost, as in a crash.
const PAUSE: Duration = Duration::from_millis(50);

#[derive(Default)]
pub(super) struct Unrelated {
    sessions: Vec<JoinHandle<()>>,
}

impl Unrelated {
    pub(super) fn begin(&mut self, runtime: &Runtime, url: &str) {
        let session = |_| runtime.spawn(hold_on(url.to_owned()));
        self.sessions = (0..SESSIONS).map(session).collect();
    }

    pub(super) fn end(&mut self) {
        for session in self.sessions.drain(..) {
            session.abort();
        }
    }
}

async fn hold_on(url: String) {
    loop {
        // Whatever ends it, another one follows.
        let _ = hold(&url).await;
        tokio::time::sleep(PAUSE).await;
    }
}

async fn hold(url: &str) -> Result<()> {
    let mut connection = connect(url).await?;
    loop {
        let begin = include_str!("../../sql/begin_unrelated.sql");
        connection.execute(sqlx::raw_sql(begin)).await?;
        tokio::time::sleep(Duration::from_millis(fastrand::u64(OPEN))).await;
        connection.execute("ROLLBACK").await?;
    }
}
