//! ⑥ Pauses of a worker, in which a lease must not run out.

use std::time::Duration;

use super::{End, IDLE_CHECKPOINT, Progress, Trouble, Work, Worker};
use crate::subscription::stopped;

impl<W: Work> Worker<W> {
    /// A pause may be longer than the lease, which would hand the failing event to the next worker.
    pub(crate) async fn pause_holding(
        &self,
        progress: &mut Progress,
        pause: Duration,
    ) -> Result<(), Trouble> {
        match stopped(&self.source.stop) {
            true => Ok(()),
            false => self.holding(progress, self.pause(pause)).await,
        }
    }

    /// Renews the lease whenever it is due, until the other is done.
    pub(super) async fn holding<T>(
        &self,
        progress: &mut Progress,
        other: impl Future<Output = T>,
    ) -> Result<T, Trouble> {
        let mut other = std::pin::pin!(other);
        loop {
            let due = (self.source.options.lease / 3).saturating_sub(progress.renewed.elapsed());
            tokio::select! {
                done = &mut other => return Ok(done),
                () = tokio::time::sleep(due) => self.store_checkpoint(progress).await?,
            }
        }
    }

    /// What the other comes to, where the worker is not to end before.
    pub(super) async fn unless_stopped<T>(
        &self,
        other: impl Future<Output = T>,
    ) -> Result<T, Trouble> {
        let mut stop = self.source.stop.clone();
        let stopped = async {
            // Nobody is left who could say so: that is an end too.
            let _ = stop.wait_for(|stop| *stop).await;
        };
        tokio::select! {
            done = other => Ok(done),
            () = stopped => Err(Trouble::End(End::ShutDown)),
        }
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
