//! What is being built anew, and what became of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use cqrs::projection::{Rebuild, RebuildError, RebuildProgress};
use futures_util::StreamExt;

use crate::web::Shop;

/// The rebuilds since the start of this process, by view. The clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rebuilds {
    all: Arc<Mutex<BTreeMap<String, State>>>,
}

/// How a rebuild stands.
#[derive(Debug, Clone)]
pub(super) enum State {
    Running(Option<RebuildProgress>),
    Done(RebuildProgress),
    Failed(String),
}

impl Rebuilds {
    /// Begins to build a view anew in the background, unless that is being done.
    ///
    /// # Errors
    ///
    /// [`RebuildError::Unknown`] when there is no such view.
    pub(super) fn begin(&self, shop: &Shop, view: &str) -> Result<(), RebuildError> {
        let rebuild = shop.app().rebuild_view(view)?;
        let is_running = matches!(self.of(view), Some(State::Running(_)));
        if !is_running {
            self.set(view, State::Running(None));
            shop.run(self.clone().follow(view.to_owned(), rebuild));
        }
        Ok(())
    }

    async fn follow(self, view: String, rebuild: Rebuild) {
        let mut progress = rebuild.progress();
        let done = rebuild.into_future();
        tokio::pin!(done);
        let outcome = loop {
            tokio::select! {
                outcome = &mut done => break outcome,
                Some(now) = progress.next() => self.set(&view, State::Running(Some(now))),
            }
        };
        let state = match outcome {
            Ok(rebuilt) => State::Done(rebuilt),
            Err(error) => State::Failed(error.to_string()),
        };
        self.set(&view, state);
    }

    fn set(&self, view: &str, state: State) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(view.to_owned(), state);
    }

    pub(super) fn of(&self, view: &str) -> Option<State> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(view).cloned()
    }
}
