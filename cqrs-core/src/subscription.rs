//! ⑥ Subscriptions: following the log, first catching up, then live.

mod handler;
mod options;
mod work;

pub(crate) use self::handler::Handler;
pub use self::handler::HandlerError;
pub use self::options::SubscriptionOptions;
pub(crate) use self::work::HandlerWork;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_stream::StreamExt;

use crate::store::{Announcements, EventStore, LogHead, StoreError};
use crate::stream::Position;

/// A timer cannot tick without a pause.
const SHORTEST_POLL: Duration = Duration::from_millis(1);

/// Many nodes that append say so all the time; looking more often would show little more.
const ANNOUNCED_LOOK: Duration = Duration::from_millis(2);

/// Watches where the log ends, once for all subscriptions of a process.
///
/// Appends of this process wake it at once, those of others where the store hears of them. Polling finds
/// all that nobody tells of; correctness rests on it.
#[derive(Debug, Clone)]
pub(crate) struct LogFollower {
    head: watch::Sender<LogHead>,
    trouble: watch::Sender<Option<LogTrouble>>,
    wake: Arc<Notify>,
}

/// Why it is not known where the log ends.
#[derive(Debug, Clone)]
pub(crate) struct LogTrouble {
    /// How often it was looked at in vain.
    pub(crate) attempt: usize,
    pub(crate) error: Arc<str>,
}

impl LogFollower {
    /// Starts with the present head and follows it until `stop` is set or dropped.
    pub(crate) async fn start(
        store: Arc<dyn EventStore>,
        poll: Duration,
        stop: watch::Receiver<bool>,
    ) -> Result<Self, StoreError> {
        let follower = Self {
            head: watch::Sender::new(store.head().await?),
            trouble: watch::Sender::new(None),
            wake: Arc::default(),
        };
        tokio::spawn(follow(store, follower.clone(), poll, stop));
        Ok(follower)
    }

    /// The head as it is seen now, and whether it moves.
    pub(crate) fn head(&self) -> watch::Receiver<LogHead> {
        let receiver = self.head.subscribe();
        self.wake();
        receiver
    }

    /// The same, seen anew for whoever comes later: while nobody listened, nobody looked.
    pub(crate) async fn fresh_head(
        &self,
        store: &dyn EventStore,
    ) -> Result<watch::Receiver<LogHead>, StoreError> {
        let receiver = self.head();
        let seen = store.head().await?;
        self.head.send_if_modified(|known| {
            let is_newer = seen.position > known.position;
            if is_newer {
                *known = seen;
            }
            is_newer
        });
        Ok(receiver)
    }

    /// Why the head does not move, where the log cannot be read.
    pub(crate) fn trouble(&self) -> watch::Receiver<Option<LogTrouble>> {
        self.trouble.subscribe()
    }

    /// Looks at the log at once, where anybody asks.
    pub(crate) fn wake(&self) {
        // Without projections, looking would only slow down who appends.
        if self.head.receiver_count() > 0 {
            self.wake.notify_one();
        }
    }
}

async fn follow(
    store: Arc<dyn EventStore>,
    follower: LogFollower,
    poll: Duration,
    mut stop: watch::Receiver<bool>,
) {
    // One timer that runs on beside the appends: to set another at each would cost more than to look.
    let mut polls = tokio::time::interval(poll.max(SHORTEST_POLL));
    polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut announcements, mut looked) = (None, Instant::now());
    while !stopped(&stop) {
        let seen = follower.head.borrow().position;
        tokio::select! {
            () = follower.wake.notified() => {}
            _ = polls.tick() => {}
            // Whatever cuts its pause short is followed by a look too, which sees what was announced.
            () = async {
                beyond(seen, &mut announcements).await;
                tokio::time::sleep_until(looked + ANNOUNCED_LOOK).await;
            } => {}
            _ = stop.changed() => break,
        }
        if follower.head.receiver_count() == 0 {
            announcements = None;
            continue;
        }
        announcements.get_or_insert_with(|| store.announcements());
        looked = Instant::now();
        match store.head().await {
            Ok(head) => follower.seen(head),
            Err(error) => follower.failed(&error),
        }
    }
}

impl LogFollower {
    fn seen(&self, head: LogHead) {
        self.head
            .send_if_modified(|known| std::mem::replace(known, head) != head);
        self.trouble
            .send_if_modified(|trouble| trouble.take().is_some());
    }

    /// Said once, and not at every look: another error is news, the same one is not.
    fn failed(&self, error: &StoreError) {
        let text = error.full_text();
        let is_news = self.trouble.send_if_modified(|trouble| match trouble {
            Some(trouble) if *trouble.error == *text => {
                trouble.attempt += 1;
                false
            }
            _ => {
                let attempt = trouble.as_ref().map_or(1, |trouble| trouble.attempt + 1);
                let error = text.as_str().into();
                *trouble = Some(LogTrouble { attempt, error });
                true
            }
        });
        if is_news {
            tracing::warn!(error = text, "the log's head is unknown");
        }
    }
}

/// Waits until somebody says that the log has come further than what was seen.
async fn beyond(seen: Position, announcements: &mut Option<Announcements<'_>>) {
    if let Some(announcements) = announcements {
        while let Some(position) = announcements.next().await {
            if position > seen {
                return;
            }
        }
    }
    std::future::pending().await
}

/// Whether work shall end: said so, or nobody is left who could say so.
pub(crate) fn stopped(stop: &watch::Receiver<bool>) -> bool {
    *stop.borrow() || stop.has_changed().is_err()
}
