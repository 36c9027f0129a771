//! ⑤ Group commit: concurrent appends of one process go to the store as one batch and one commit.
//!
//! While one batch is at the store, the next one gathers; there is no timer, so a lone append never
//! waits. Batches are first in, first out, bounded by events and bytes. An append belongs to its
//! batch and not to its caller: dropping the caller's future cancels nothing.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tracing::Instrument;

use super::{Append, AppendError, Appended, EventStore, StoreError};

const MAX_BATCH_EVENTS: usize = 1024;
const MAX_BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Appends that wait while a batch is at the store; beyond it, callers wait to hand theirs in.
const QUEUE_LENGTH: usize = 1024;

type Answer = Result<Appended, AppendError>;

struct Member {
    append: Append,
    answer: oneshot::Sender<Answer>,
}

/// Collects appends into batches, in a task of its own that ends when the last handle is dropped.
#[derive(Debug, Clone)]
pub(crate) struct GroupCommit {
    queue: mpsc::Sender<Member>,
}

impl GroupCommit {
    /// `on_append` runs after every batch that stored something.
    pub(crate) fn start(
        store: Arc<dyn EventStore>,
        on_append: impl Fn(&Appended) + Send + 'static,
    ) -> Self {
        let (queue, members) = mpsc::channel(QUEUE_LENGTH);
        tokio::spawn(run(store, members, on_append));
        Self { queue }
    }

    pub(crate) async fn append(&self, append: Append) -> Answer {
        let (answer, answered) = oneshot::channel();
        let member = Member { append, answer };
        if self.queue.send(member).await.is_err() {
            return Err(stopped().into());
        }
        answered.await.unwrap_or_else(|_| Err(stopped().into()))
    }
}

async fn run(
    store: Arc<dyn EventStore>,
    mut members: mpsc::Receiver<Member>,
    on_append: impl Fn(&Appended),
) {
    let mut left_over = None;
    while let Some(first) = next(&mut left_over, &mut members).await {
        let batch = gather(first, &mut members, &mut left_over);
        let (appends, callers): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .map(|member| (member.append, member.answer))
            .unzip();
        let span = tracing::debug_span!("append_batch", appends = appends.len());
        let answers = append_batch(store.as_ref(), &appends)
            .instrument(span)
            .await;
        for (caller, answer) in callers.into_iter().zip(answers) {
            if let Ok(appended) = &answer {
                on_append(appended);
            }
            // The caller may have gone; its append stands all the same.
            let _ = caller.send(answer);
        }
    }
}

async fn next(
    left_over: &mut Option<Member>,
    members: &mut mpsc::Receiver<Member>,
) -> Option<Member> {
    match left_over.take() {
        Some(member) => Some(member),
        None => members.recv().await,
    }
}

/// Takes what has gathered, up to the bounds; the one that does not fit opens the next batch.
fn gather(
    first: Member,
    members: &mut mpsc::Receiver<Member>,
    left_over: &mut Option<Member>,
) -> Vec<Member> {
    let (mut events, mut bytes) = size(&first);
    let mut batch = vec![first];
    while let Ok(member) = members.try_recv() {
        let (more_events, more_bytes) = size(&member);
        events += more_events;
        bytes += more_bytes;
        if events > MAX_BATCH_EVENTS || bytes > MAX_BATCH_BYTES {
            *left_over = Some(member);
            break;
        }
        batch.push(member);
    }
    batch
}

fn size(member: &Member) -> (usize, usize) {
    let events = member.append.writes.iter().flat_map(|write| &write.events);
    events.fold((0, 0), |(count, bytes), event| {
        (count + 1, bytes + event.payload.len())
    })
}

/// When the database refuses the whole batch, its members run singly and only the guilty one fails.
async fn append_batch(store: &dyn EventStore, appends: &[Append]) -> Vec<Answer> {
    let error = match store.append(appends).await {
        Ok(answers) => return answers,
        Err(error) => error,
    };
    if appends.len() == 1 || error.is_transient() {
        return appends.iter().map(|_| Err(error.clone().into())).collect();
    }
    tracing::warn!(
        error = error.full_text(),
        "a batch failed; its members run singly"
    );
    let mut answers = Vec::with_capacity(appends.len());
    for append in appends {
        let answer = match store.append(std::slice::from_ref(append)).await {
            Ok(mut single) => single.pop().unwrap_or_else(|| Err(stopped().into())),
            Err(error) => Err(error.into()),
        };
        answers.push(answer);
    }
    answers
}

fn stopped() -> StoreError {
    StoreError::ConnectionLost {
        store: "event store".to_owned(),
        operation: "append",
    }
}
