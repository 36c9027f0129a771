//! ⑥ Reading the log ahead: the next page is read while the present one is written.

use std::pin::{Pin, pin};

use super::{Progress, Trouble, Work, Worker};
use crate::checkpoint::{Checkpoint, EventMark};
use crate::event::StoredEvent;
use crate::projection::ProjectionState;
use crate::store::{LogHead, ReadLog, StoreError};
use crate::stream::Position;
use uuid::Uuid;

/// Events after a position, and the head up to which they were asked for.
pub(crate) struct LogPage<W: Work> {
    after: Position,
    head: LogHead,
    pub(crate) events: Vec<StoredEvent>,
    /// What was made of them ahead, if anything.
    pub(crate) prepared: Option<W::Prepared>,
}

impl<W: Work> Worker<W> {
    /// Does the work of the next page. At most three pages are in memory, however long the log is.
    ///
    /// Where few events of a long log are wanted, reading takes longer than the lease, and longer than
    /// anybody waits who shuts down.
    pub(super) async fn next_page(
        &mut self,
        progress: &mut Progress,
        head: LogHead,
    ) -> Result<(), Trouble> {
        let after = progress.reached.position;
        let mut page = match self.ahead.take().filter(|page| page.after == after) {
            Some(page) => page,
            None => {
                let read = self.unless_stopped(self.read(after, head));
                self.holding(progress, read).await???
            }
        };
        let Some(last) = self.full(&page) else {
            let to = Checkpoint::new(page.head.log_id, page.head.position, page.head.event);
            return W::process(self, progress, &mut page, to).await;
        };
        self.set_state(ProjectionState::CatchingUp);
        let to = checkpoint_at(page.head.log_id, last);
        let position = last.position;
        let spent = self.spent.take();
        let this: &Self = self;
        let ahead = {
            let mut ahead = pin!(this.unless_stopped(async {
                drop(spent);
                this.read_ahead(position, head).await
            }));
            let process = W::process(this, progress, &mut page, to);
            let (processed, read) = beside(process, ahead.as_mut()).await;
            processed?;
            match read {
                Some(read) => read?,
                None => this.holding(progress, ahead).await??,
            }
        };
        self.ahead = ahead;
        self.spent = Some(page);
        Ok(())
    }

    /// A page that cannot be read, or prepared, ahead is tried again when its turn comes.
    async fn read_ahead(&self, after: Position, head: LogHead) -> Option<LogPage<W>> {
        let mut page = self.read(after, head).await.ok()?;
        page.prepared = self.work.prepare(&page.events);
        Some(page)
    }

    /// The last event of a page that did not reach the head.
    fn full<'p>(&self, page: &'p LogPage<W>) -> Option<&'p StoredEvent> {
        let last = page.events.last()?;
        (page.events.len() == self.source.options.page_size).then_some(last)
    }

    async fn read(&self, after: Position, head: LogHead) -> Result<LogPage<W>, StoreError> {
        let mut request = ReadLog::between(after, head.position, self.source.options.page_size);
        request.names = Some(self.source.schema.events.clone());
        let events = self.source.events.read_log(&request).await?;
        Ok(LogPage {
            after,
            head,
            events,
            prepared: None,
        })
    }
}

/// What the first comes to, and the second where it is done by then.
async fn beside<A, B>(
    first: impl Future<Output = A>,
    mut second: Pin<&mut impl Future<Output = B>>,
) -> (A, Option<B>) {
    let (mut first, mut done) = (pin!(first), None);
    loop {
        tokio::select! {
            first = &mut first => return (first, done),
            second = &mut second, if done.is_none() => done = Some(second),
        }
    }
}

pub(crate) fn checkpoint_at(log_id: Uuid, event: &StoredEvent) -> Checkpoint {
    let mark = EventMark {
        position: event.position,
        id: event.id,
    };
    Checkpoint::new(log_id, event.position, Some(mark))
}
