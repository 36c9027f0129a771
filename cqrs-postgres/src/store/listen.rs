//! ⑥ Hearing of the appends of other processes.

use std::iter;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use cqrs_core::store::Announcements;
use cqrs_core::stream::Position;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{Acquire, Connection};
use tokio::time::{sleep, timeout};

use crate::database::PostgresDatabase;

/// A connection that was silent for so long is asked whether it still lives.
const LONG_SILENT: Duration = Duration::from_secs(30);

/// For the answer to that, and for a connection to be made.
const PATIENCE: Duration = Duration::from_secs(10);

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Asks for a look whatever was seen.
const ANYWHERE: Position = Position::new(u64::MAX);

/// What processes announce on a database's channel; the connection is made anew whenever it is lost.
pub(super) fn announcements(database: &PostgresDatabase) -> Announcements<'static> {
    let ear = Ear {
        store: database.name().to_owned(),
        channel: database.schema.channel(),
        options: database.options().clone(),
        listener: None,
        pauses: pauses(),
        is_away: false,
    };
    Box::pin(futures_util::stream::unfold(ear, async |mut ear| {
        Some((ear.next().await, ear))
    }))
}

type Pauses = Box<dyn Iterator<Item = Duration> + Send>;

struct Ear {
    store: String,
    channel: String,
    options: PgConnectOptions,
    listener: Option<PgListener>,
    pauses: Pauses,
    is_away: bool,
}

impl Ear {
    async fn next(&mut self) -> Position {
        loop {
            let heard = match &mut self.listener {
                Some(listener) => hear(listener).await,
                None => self.listen().await,
            };
            match heard {
                Ok(position) => return position,
                Err(reason) => self.lost(&reason).await,
            }
        }
    }

    /// Nobody has told what was appended before.
    async fn listen(&mut self) -> Result<Position, String> {
        let listening = connect(self.options.clone(), &self.channel);
        let listener = timeout(PATIENCE, listening).await;
        let listener = listener.map_err(|_| format!("no connection for {PATIENCE:?}"))?;
        self.listener = Some(listener.map_err(|error| error.to_string())?);
        self.pauses = pauses();
        if std::mem::take(&mut self.is_away) {
            tracing::info!(
                database = self.store,
                "appends of other processes are heard of again"
            );
        }
        Ok(ANYWHERE)
    }

    async fn lost(&mut self, reason: &str) {
        self.listener = None;
        if !std::mem::replace(&mut self.is_away, true) {
            tracing::warn!(
                database = self.store,
                reason,
                "appends of other processes are not heard of, and found by polling until they are again"
            );
        }
        sleep(self.pauses.next().unwrap_or(LONGEST_PAUSE)).await;
    }
}

async fn connect(options: PgConnectOptions, channel: &str) -> Result<PgListener, sqlx::Error> {
    // The driver listens on a connection of a pool; this one has no other.
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(PATIENCE)
        .connect_lazy_with(options);
    let mut listener = PgListener::connect_with(&pool).await?;
    // What is lost meanwhile is only known to whoever connects.
    listener.eager_reconnect(false);
    listener.listen(channel).await?;
    Ok(listener)
}

async fn hear(listener: &mut PgListener) -> Result<Position, String> {
    loop {
        let Ok(heard) = timeout(LONG_SILENT, listener.try_recv()).await else {
            let alive = timeout(PATIENCE, is_alive(listener)).await;
            let alive = alive.map_err(|_| format!("no answer for {PATIENCE:?}"))?;
            alive.map_err(|error| error.to_string())?;
            continue;
        };
        let Some(heard) = heard.map_err(|error| error.to_string())? else {
            return Err("the connection was lost".to_owned());
        };
        // Whoever says something else may know of something.
        let position = heard.payload().parse().map_or(ANYWHERE, Position::new);
        return Ok(position);
    }
}

async fn is_alive(listener: &mut PgListener) -> Result<(), sqlx::Error> {
    listener.acquire().await?.ping().await
}

fn pauses() -> Pauses {
    let first = ExponentialBuilder::default()
        .with_min_delay(FIRST_PAUSE)
        .with_max_delay(LONGEST_PAUSE)
        .without_max_times()
        .with_jitter();
    Box::new(first.build().chain(iter::repeat(LONGEST_PAUSE)))
}
