//! ⑥ Subscriptions: following the log, first catching up, then live.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};

use crate::store::{EventStore, LogHead, StoreError};

/// Watches where the log ends, once for all subscriptions of a process.
///
/// Appends of this process wake it at once. Appends of others are found by polling, which is also
/// what correctness rests on.
#[derive(Debug, Clone)]
pub(crate) struct LogFollower {
    head: watch::Sender<LogHead>,
    wake: Arc<Notify>,
}

impl LogFollower {
    /// Starts with the present head and follows it until `stop` is set or dropped.
    pub(crate) async fn start(
        store: Arc<dyn EventStore>,
        wake: Arc<Notify>,
        poll: Duration,
        stop: watch::Receiver<bool>,
    ) -> Result<Self, StoreError> {
        let head = watch::Sender::new(store.head().await?);
        tokio::spawn(follow(store, head.clone(), wake.clone(), poll, stop));
        Ok(Self { head, wake })
    }

    /// The head as it is seen now, and whether it moves.
    pub(crate) fn head(&self) -> watch::Receiver<LogHead> {
        self.head.subscribe()
    }

    /// Looks at the log at once.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }
}

async fn follow(
    store: Arc<dyn EventStore>,
    sender: watch::Sender<LogHead>,
    wake: Arc<Notify>,
    poll: Duration,
    mut stop: watch::Receiver<bool>,
) {
    while !stopped(&stop) {
        tokio::select! {
            () = wake.notified() => {}
            () = tokio::time::sleep(poll) => {}
            _ = stop.changed() => break,
        }
        // Without projections nobody asks, and looking would only slow down who appends.
        if sender.receiver_count() == 0 {
            continue;
        }
        match store.head().await {
            Ok(head) => {
                sender.send_if_modified(|known| std::mem::replace(known, head) != head);
            }
            Err(error) => tracing::warn!(error = error.full_text(), "the log's head is unknown"),
        }
    }
}

/// Whether work shall end: said so, or nobody is left who could say so.
pub(crate) fn stopped(stop: &watch::Receiver<bool>) -> bool {
    *stop.borrow() || stop.has_changed().is_err()
}
