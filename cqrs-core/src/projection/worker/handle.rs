//! ⑦ What the application and a worker know of each other.

use std::sync::Arc;

use tokio::sync::{Notify, broadcast, watch};

use crate::projection::ProjectionStatus;
use crate::query::ViewChange;
use crate::view::{Answering, ViewTable};

/// The application's end of a worker.
#[derive(Debug)]
pub(crate) struct WorkerHandle<K> {
    pub(crate) status: watch::Receiver<ProjectionStatus>,
    pub(crate) changes: broadcast::Sender<ViewChange<K>>,
    /// What answers queries.
    pub(crate) answering: watch::Receiver<Answering>,
    /// Told when the view was built anew: a projection that has stopped goes on.
    pub(crate) rebuilt: Arc<Notify>,
}

/// A view as it was found when it was opened.
pub(crate) struct Opened {
    pub(crate) table: Arc<dyn ViewTable>,
    pub(crate) answering: Answering,
}
