//! ⑤ Telling other processes of appends.
//!
//! A notification within the append's transaction would let commits wait for each other in the whole
//! server. So it goes afterwards, on a connection of its own: the first append is told of at once, those
//! that follow within some milliseconds together.

use std::sync::OnceLock;
use std::time::Duration;

use cqrs_core::stream::Position;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, raw_sql};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{sleep, timeout};

use crate::database::PostgresDatabase;
use crate::sql::ANNOUNCE;

/// At most one notification in this time.
const INTERVAL: Duration = Duration::from_millis(5);

/// Nobody waits for a notification; what takes longer is not worth it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Announces the appends of this process, in a task of its own that ends when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Announcer {
    task: OnceLock<Task>,
}

#[derive(Debug)]
struct Task {
    /// How far the appends of this process have come.
    reached: watch::Sender<Position>,
    close: mpsc::Sender<oneshot::Sender<()>>,
}

impl Announcer {
    /// Returns at once.
    pub(super) fn announce(&self, position: Position, database: &PostgresDatabase) {
        let task = self.task.get_or_init(|| Task::start(database));
        // Also where it did not grow: what ends late may be what a reader has waited for.
        task.reached
            .send_modify(|reached| *reached = position.max(*reached));
    }

    /// Sends what is still to be told, then closes the connection. The next append opens another one.
    pub(super) async fn close(&self) {
        let Some(task) = self.task.get() else {
            return;
        };
        let (done, closed) = oneshot::channel();
        if task.close.send(done).await.is_ok() {
            let _ = timeout(PATIENCE, closed).await;
        }
    }
}

impl Task {
    fn start(database: &PostgresDatabase) -> Self {
        let (reached, news) = watch::channel(Position::START);
        let (close, closing) = mpsc::channel(1);
        let sender = Sender {
            store: database.name().to_owned(),
            channel: database.schema.channel(),
            options: database.options().clone(),
            connection: None,
            is_failing: false,
        };
        tokio::spawn(sender.run(news, closing));
        Self { reached, close }
    }
}

struct Sender {
    store: String,
    channel: String,
    options: PgConnectOptions,
    connection: Option<PgConnection>,
    is_failing: bool,
}

impl Sender {
    async fn run(
        mut self,
        mut news: watch::Receiver<Position>,
        mut closing: mpsc::Receiver<oneshot::Sender<()>>,
    ) {
        loop {
            tokio::select! {
                // What is still to be told goes before the end.
                biased;
                changed = news.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let reached = *news.borrow_and_update();
                    self.tell(reached).await;
                    sleep(INTERVAL).await;
                }
                Some(done) = closing.recv() => {
                    if let Some(connection) = self.connection.take() {
                        let _ = timeout(PATIENCE, connection.close()).await;
                    }
                    let _ = done.send(());
                }
            }
        }
    }

    async fn tell(&mut self, reached: Position) {
        let announce = ANNOUNCE
            .replace("{channel}", &self.channel)
            .replace("{position}", &reached.to_string());
        let was_connected = self.connection.is_some();
        let mut told = self.send(&announce).await;
        if told.is_err() && was_connected {
            // The server may have ended the old connection long ago.
            told = self.send(&announce).await;
        }
        match told {
            Ok(()) => self.is_failing = false,
            Err(reason) if !self.is_failing => {
                self.is_failing = true;
                tracing::warn!(
                    database = self.store,
                    reason,
                    "other processes are not told of appends; they find them when they poll"
                );
            }
            Err(_) => {}
        }
    }

    /// The connection is kept only when the answer is whole.
    async fn send(&mut self, announce: &str) -> Result<(), String> {
        let sending = async {
            let mut connection = match self.connection.take() {
                Some(connection) => connection,
                None => self.options.connect().await?,
            };
            connection.execute(raw_sql(AssertSqlSafe(announce))).await?;
            Ok::<_, sqlx::Error>(connection)
        };
        match timeout(PATIENCE, sending).await {
            Ok(Ok(connection)) => {
                self.connection = Some(connection);
                Ok(())
            }
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("no answer for {PATIENCE:?}")),
        }
    }
}
