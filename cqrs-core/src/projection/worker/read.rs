//! ⑥ Reading the log ahead: the next page is read while the present one is written.

use super::page::checkpoint_at;
use super::{Progress, Trouble, Worker};
use crate::checkpoint::Checkpoint;
use crate::event::StoredEvent;
use crate::projection::fold::PageFold;
use crate::projection::{Projection, ProjectionState};
use crate::store::{LogHead, ReadLog, StoreError};
use crate::stream::Position;

/// Events after a position, and the head up to which they were asked for.
pub(super) struct LogPage<P: Projection> {
    after: Position,
    head: LogHead,
    pub(super) events: Vec<StoredEvent>,
    /// The events decoded and noted, where that was done ahead and none of them failed.
    pub(super) fold: Option<PageFold<P>>,
}

impl<P: Projection> Worker<P> {
    /// Projects the next page. At most three pages are in memory, however long the log is.
    pub(super) async fn next_page(
        &mut self,
        progress: &mut Progress,
        head: LogHead,
    ) -> Result<(), Trouble> {
        let after = progress.reached.position;
        let mut page = match self.ahead.take().filter(|page| page.after == after) {
            Some(page) => page,
            None => self.read(after, head).await?,
        };
        let Some(last) = self.full(&page) else {
            let to = Checkpoint::new(page.head.log_id, page.head.position, page.head.event);
            return self.project(progress, &mut page, to).await;
        };
        self.set_state(ProjectionState::CatchingUp);
        let to = checkpoint_at(page.head.log_id, last);
        let position = last.position;
        let spent = self.spent.take();
        let this: &Self = self;
        let ahead = async {
            drop(spent);
            this.read_ahead(position, head).await
        };
        let (projected, ahead) = tokio::join!(this.project(progress, &mut page, to), ahead);
        self.ahead = ahead;
        self.spent = Some(page);
        projected
    }

    /// A page that cannot be read, or decoded, ahead is tried again when its turn comes.
    async fn read_ahead(&self, after: Position, head: LogHead) -> Option<LogPage<P>> {
        let mut page = self.read(after, head).await.ok()?;
        let mut fold = PageFold::default();
        page.fold = fold.note(&page.events).is_ok().then_some(fold);
        Some(page)
    }

    /// The last event of a page that did not reach the head.
    fn full<'p>(&self, page: &'p LogPage<P>) -> Option<&'p StoredEvent> {
        let last = page.events.last()?;
        (page.events.len() == self.options.page_size).then_some(last)
    }

    async fn read(&self, after: Position, head: LogHead) -> Result<LogPage<P>, StoreError> {
        let mut request = ReadLog::between(after, head.position, self.options.page_size);
        request.names = Some(self.names.clone());
        let events = self.store.read_log(&request).await?;
        Ok(LogPage {
            after,
            head,
            events,
            fold: None,
        })
    }
}
