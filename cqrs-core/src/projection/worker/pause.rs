//! ⑥ Pauses of a worker, in which a lease must not run out.

use std::time::Duration;

use super::{IDLE_CHECKPOINT, Progress, Trouble, Work, Worker};
use crate::subscription::stopped;

impl<W: Work> Worker<W> {
    /// A pause may be longer than the lease, which would hand the failing event to the next worker.
    pub(crate) async fn pause_holding(
        &self,
        progress: &mut Progress,
        pause: Duration,
    ) -> Result<(), Trouble> {
        let slice = self.source.options.lease / 3;
        let mut left = pause;
        while !left.is_zero() && !stopped(&self.source.stop) {
            self.pause(left.min(slice)).await;
            left = left.saturating_sub(slice);
            if progress.renewed.elapsed() >= slice {
                self.store_checkpoint(progress).await?;
            }
        }
        Ok(())
    }

    /// How long the lease may go without being renewed.
    pub(crate) fn renewal(&self) -> Duration {
        (self.source.options.lease / 3).min(IDLE_CHECKPOINT)
    }

    pub(super) async fn pause(&self, pause: Duration) {
        let mut stop = self.source.stop.clone();
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
}
