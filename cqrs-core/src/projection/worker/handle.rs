//! ⑥ What the application and a worker know of each other.

use std::sync::Arc;

use tokio::sync::{Notify, watch};

use crate::projection::ProjectionStatus;
use crate::view::{Answering, ViewTable};

/// The application's end of a worker.
#[derive(Debug)]
pub(crate) struct WorkerHandle {
    pub(crate) status: watch::Receiver<ProjectionStatus>,
    /// What answers queries.
    pub(crate) answering: watch::Receiver<Answering>,
    /// Told when the view was built anew: a projection that has stopped goes on.
    pub(crate) rebuilt: Signal,
    /// Tells the workers to look for requests.
    pub(crate) asked: Signal,
}

/// Tells something to every worker of a view.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signal {
    workers: Vec<Arc<Notify>>,
}

impl Signal {
    pub(super) fn another(&mut self) -> Arc<Notify> {
        let worker = Arc::<Notify>::default();
        self.workers.push(Arc::clone(&worker));
        worker
    }

    pub(crate) fn tell(&self) {
        self.workers.iter().for_each(|worker| worker.notify_one());
    }
}

/// A view as it was found when it was opened.
pub(crate) struct Opened {
    pub(crate) table: Arc<dyn ViewTable>,
    pub(crate) answering: Answering,
}
