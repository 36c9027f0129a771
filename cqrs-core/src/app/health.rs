//! How an application is, asked of all its parts.

use std::collections::HashMap;
use std::time::Duration;

use chrono::Utc;
use tokio::time::{Instant, timeout_at};

use super::App;
use crate::health::{FollowerHealth, Health, LogHealth};
use crate::projection::{FollowerKind, ProjectionStatus};
use crate::store::{EventStore, LogHead, LogMark, ReadLog, StoreError};
use crate::stream::Position;

/// A store that takes longer for it is not reachable.
const PATIENCE: Duration = Duration::from_secs(5);

impl App {
    /// How the application is: the log, and where each projection and each subscription stands and why it
    /// does not go on where it does not. For a probe, a metric, a console.
    ///
    /// It asks the log where it ends, and answers within 5 s also where the log does not.
    ///
    /// # Example
    ///
    /// ```
    /// # use cqrs::doc::Balance;
    /// use cqrs::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = App::in_memory().project::<Balance>().await?;
    /// let health = app.health().await;
    /// assert!(health.problems().is_empty());
    /// assert_eq!(health.projections[0].status.name, "balances");
    /// # Ok(()) }
    /// ```
    pub async fn health(&self) -> Health {
        let deadline = Instant::now() + PATIENCE;
        let events = self.events();
        let log = look(events, deadline).await;
        let mut ages = Ages::default();
        let mut health = Health::new(log);
        for (kind, statuses) in [
            (FollowerKind::Projecting, self.projections()),
            (FollowerKind::Handling, self.subscriptions()),
        ] {
            let mut followers = Vec::new();
            for status in statuses {
                let mut follower = FollowerHealth::new(kind, status, &health.log);
                if let Ok(head) = &health.log.head {
                    let asked = ages.of(&follower.status, head, events);
                    follower.behind = timeout_at(deadline, asked).await.ok().flatten();
                }
                followers.push(follower);
            }
            match kind {
                FollowerKind::Projecting => health.projections = followers,
                FollowerKind::Handling => health.subscriptions = followers,
            }
        }
        health
    }
}

async fn look(events: &dyn EventStore, deadline: Instant) -> LogHealth {
    let asked = async { Ok((events.head().await?, events.mark().await?)) };
    let seen: Result<(LogHead, Option<LogMark>), StoreError> =
        match timeout_at(deadline, asked).await {
            Ok(seen) => seen,
            Err(_) => Err(StoreError::Unreachable {
                store: "the event store".to_owned(),
                reason: format!("it did not answer for {PATIENCE:?}; look at its server"),
            }),
        };
    match seen {
        Ok((head, mark)) => LogHealth {
            head: Ok(head),
            mark,
        },
        Err(error) => LogHealth {
            head: Err(error),
            mark: None,
        },
    }
}

/// How old what follows a position is; many stand at the same one.
#[derive(Default)]
struct Ages {
    known: HashMap<Position, Option<Duration>>,
}

impl Ages {
    async fn of(
        &mut self,
        status: &ProjectionStatus,
        head: &LogHead,
        events: &dyn EventStore,
    ) -> Option<Duration> {
        let position = status.position;
        if position >= head.position {
            return None;
        }
        if let Some(age) = self.known.get(&position) {
            return *age;
        }
        let request = ReadLog::between(position, head.position, 1);
        let next = events.read_log(&request).await.ok()?;
        let age = next.first().map(|event| {
            let age = Utc::now().signed_duration_since(event.recorded_at);
            age.to_std().unwrap_or_default()
        });
        self.known.insert(position, age);
        age
    }
}
