//! The server to which a database moves next: made in the background, new, so that its transaction
//! ids start again.

use std::thread::JoinHandle;

use anyhow::{Result, anyhow};
use postgres_server::Cluster;

pub(super) enum Spare {
    Never,
    Starting(Option<JoinHandle<Result<Cluster>>>),
}

impl Spare {
    pub(super) fn begin() -> Self {
        Self::Starting(Some(std::thread::spawn(Cluster::start)))
    }

    pub(super) fn is_ready(&self) -> bool {
        match self {
            Self::Never | Self::Starting(None) => false,
            Self::Starting(Some(start)) => start.is_finished(),
        }
    }

    pub(super) fn take(&mut self) -> Result<Option<Cluster>> {
        match self {
            Self::Never | Self::Starting(None) => Ok(None),
            Self::Starting(start) => start.take().map(join).transpose(),
        }
    }
}

/// A server that is just being started is stopped and removed as well.
impl Drop for Spare {
    fn drop(&mut self) {
        let _ = self.take();
    }
}

fn join(start: JoinHandle<Result<Cluster>>) -> Result<Cluster> {
    let started = start.join();
    started.map_err(|_| anyhow!("the start of a server panicked"))?
}
