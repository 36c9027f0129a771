//! ⑥ What a worker does with the events that it reads; the worker itself is the same for all.

use tokio::sync::watch;

use super::read::LogPage;
use super::{Progress, Replayed, Trouble, Worker};
use crate::checkpoint::Checkpoint;
use crate::event::StoredEvent;
use crate::projection::rebuild::{Ended, Source};
use crate::projection::{FollowerKind, RebuildError, RebuildProgress};
use crate::stream::Position;

/// What a worker does with the events that it reads: it makes rows of them, or hands them on.
pub(crate) trait Work: Sized + Send + Sync + 'static {
    /// What can be made of a page ahead, while the one before it has its turn.
    type Prepared: Send + Sync;

    /// What messages call it.
    const KIND: FollowerKind;
    /// Whether an event that was passed by can be made up for, by `rebuild`.
    const CAN_BE_DONE_ANEW: bool = false;

    /// The name under which lease and checkpoint are kept.
    fn name(&self) -> &'static str;

    /// Prepares a page, where nothing is wrong with it.
    fn prepare(&self, events: &[StoredEvent]) -> Option<Self::Prepared>;

    /// Does the work of a page and comes to the checkpoint `to`.
    fn process(
        worker: &Worker<Self>,
        progress: &mut Progress,
        page: &mut LogPage<Self>,
        to: Checkpoint,
    ) -> impl Future<Output = Result<(), Trouble>> + Send;

    /// Does all of it anew, beside what has been done; asked for only where that is possible.
    fn rebuild(
        _source: &Source,
        _progress: &watch::Sender<RebuildProgress>,
    ) -> impl Future<Output = Result<Ended, RebuildError>> + Send {
        std::future::ready(Ok(Ended::Rebuilt))
    }

    /// Tries the events that are held for a key, in order, as far as it goes; each attempt moves what
    /// is held together with what was done.
    fn replay(
        worker: &Worker<Self>,
        progress: &mut Progress,
        key: &str,
    ) -> impl Future<Output = Result<Replayed, Trouble>> + Send;

    /// Another process has brought the work to this position.
    fn moved(&self, _position: Position) {}
}
