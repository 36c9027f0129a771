//! ⑥ Reading the log ahead: the next page is read while the present one is written.

use super::page::checkpoint_at;
use super::{Progress, Trouble, Worker};
use crate::checkpoint::Checkpoint;
use crate::event::StoredEvent;
use crate::projection::{Projection, ProjectionState};
use crate::store::{LogHead, ReadLog, StoreError};
use crate::stream::Position;

/// Events after a position, and the head up to which they were asked for.
pub(super) struct LogPage {
    after: Position,
    head: LogHead,
    events: Vec<StoredEvent>,
}

impl<P: Projection> Worker<P> {
    /// Projects the next page. At most two pages are in memory, however long the log is.
    pub(super) async fn next_page(
        &mut self,
        progress: &mut Progress,
        head: LogHead,
    ) -> Result<(), Trouble> {
        let after = progress.reached.position;
        let page = match self.ahead.take().filter(|page| page.after == after) {
            Some(page) => page,
            None => self.read(after, head).await?,
        };
        let Some(last) = self.full(&page) else {
            let to = Checkpoint::new(page.head.log_id, page.head.position, page.head.event);
            return self.project(progress, page.events, to).await;
        };
        self.set_state(ProjectionState::CatchingUp);
        let to = checkpoint_at(page.head.log_id, last);
        let position = last.position;
        let this: &Self = self;
        let next = this.read(position, head);
        let (projected, next) = tokio::join!(this.project(progress, page.events, to), next);
        // A page that could not be read ahead is read when its turn comes.
        self.ahead = next.ok();
        projected
    }

    /// The last event of a page that did not reach the head.
    fn full<'p>(&self, page: &'p LogPage) -> Option<&'p StoredEvent> {
        let last = page.events.last()?;
        (page.events.len() == self.options.page_size).then_some(last)
    }

    async fn read(&self, after: Position, head: LogHead) -> Result<LogPage, StoreError> {
        let mut request = ReadLog::between(after, head.position, self.options.page_size);
        request.names = Some(self.names.clone());
        let events = self.store.read_log(&request).await?;
        Ok(LogPage {
            after,
            head,
            events,
        })
    }
}
