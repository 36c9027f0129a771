//! ⑤ A log copied into another store, for a move from one database to another.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{
    Append, AppendError, AppendedStream, CommandRecord, EventStore, NewEvent, ReadLog, StoreError,
    StreamWrite,
};
use crate::event::StoredEvent;
use crate::stream::{Expected, Position, StreamId};

/// How many events are read at a time.
const PAGE: usize = 1000;

/// How many events are written in one commit, give or take the last command's, and how many bytes.
const BATCH: usize = 1000;
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Copies a log into another store: every event with its ids, times and metadata.
///
/// For a move from one database to another, SQLite to Postgres or back. What was copied before is
/// passed over, so an interrupted copy is called again, and a large log is copied while it is in use and
/// once more when nobody appends to it any longer. Appends to the copy meanwhile would come between.
///
/// Positions are given anew, without the old log's gaps; the order stays, but that events which one
/// command appended to a stream stand next to each other. Commands stay known by their ids. The copy is
/// a log of its own: views are made anew from it, and a checkpoint of the old log does not fit it.
/// Snapshots are not copied, since they are made anew too.
///
/// # Errors
///
/// [`CopyLogError`]; the commands before the one that failed are copied, each as a whole.
///
/// # Example
///
/// ```
/// # use cqrs::doc::*;
/// use cqrs::prelude::*;
/// use cqrs::store::{Stores, copy_log};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (old, new) = (Stores::memory(), Stores::memory());
/// let app = App::builder(old.clone()).await?;
/// app.execute(AccountCommand::Open { id: "ada".into(), owner: "Ada".into() }).await?;
///
/// let copied = copy_log(&*old.events, &*new.events, |now| println!("{} events", now.events)).await?;
/// assert_eq!((copied.events, copied.appended), (1, 1));
/// # Ok(()) }
/// ```
pub async fn copy_log(
    from: &dyn EventStore,
    to: &dyn EventStore,
    progress: impl FnMut(CopiedLog),
) -> Result<CopiedLog, CopyLogError> {
    let head = from.head().await.map_err(CopyLogError::Read)?;
    let copy_head = to.head().await.map_err(CopyLogError::Read)?;
    if head.log_id == copy_head.log_id {
        return Err(CopyLogError::SameLog);
    }
    let copy = LogCopy {
        from,
        to,
        progress,
        ahead: HashSet::new(),
        batch: Vec::new(),
        bytes: 0,
        before: HashMap::new(),
        done: CopiedLog::default(),
    };
    copy.run(head.position).await
}

/// How far a copy has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CopiedLog {
    /// The events of the old log that are in the new one.
    pub events: u64,
    /// How many of them were appended by this call.
    pub appended: u64,
    /// The last of them, by its position in the old log.
    pub up_to: Position,
}

/// Why a log was not copied to its end.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CopyLogError {
    /// Both are one log.
    #[error("the log cannot be copied into itself; name another store to copy it to")]
    SameLog,
    /// A stream has other events in the store that is copied to.
    #[error(
        "the stream `{stream}` has other events in the store that is copied to: it has version {actual}, and version {expected} belongs before the event at position {position} of the log; copy into an empty store, or into one that holds nothing but an earlier copy"
    )]
    OtherEvents {
        /// The stream.
        stream: StreamId,
        /// The version that it has there.
        actual: u64,
        /// The version that it has in the log before the event.
        expected: u64,
        /// The position of the event in the log that is copied.
        position: Position,
    },
    /// A command was refused by the store that is copied to.
    #[error("the events at position {position} of the log cannot be copied")]
    Refused {
        /// The position of the command's first event in the log that is copied.
        position: Position,
        /// Why.
        source: AppendError,
    },
    /// One of the two logs cannot be read.
    #[error("a log cannot be read while it is copied")]
    Read(#[source] StoreError),
    /// The store that is copied to cannot be written.
    #[error("the store that is copied to cannot be written")]
    Write(#[source] StoreError),
}

crate::store::debug_as_text!(CopyLogError);

struct LogCopy<'a, P> {
    from: &'a dyn EventStore,
    to: &'a dyn EventStore,
    progress: P,
    /// Events that were taken with their command's first, before their turn.
    ahead: HashSet<Position>,
    batch: Vec<Copied>,
    bytes: usize,
    /// The batch's streams before it.
    before: HashMap<StreamId, Before>,
    done: CopiedLog,
}

/// A command's events on their way, with the first one's position in the old log.
struct Copied {
    position: Position,
    append: Append,
}

/// A stream's version in the store that is copied to: which one the first append needs, and which one it
/// has, once that was asked for.
struct Before {
    expected: u64,
    actual: Option<u64>,
}

impl<P: FnMut(CopiedLog)> LogCopy<'_, P> {
    async fn run(mut self, head: Position) -> Result<CopiedLog, CopyLogError> {
        let mut after = Position::START;
        let mut open: Vec<StoredEvent> = Vec::new();
        loop {
            let request = ReadLog::between(after, head, PAGE);
            let page = self.from.read_log(&request).await;
            let page = page.map_err(CopyLogError::Read)?;
            let Some(last) = page.last() else { break };
            after = last.position;
            for event in page {
                if self.ahead.remove(&event.position) {
                    continue;
                }
                let same = |open: &StoredEvent| open.command_id == event.command_id;
                if !open.last().is_none_or(same) {
                    self.take(std::mem::take(&mut open)).await?;
                }
                open.push(event);
            }
        }
        if !open.is_empty() {
            self.take(open).await?;
        }
        self.write(head).await?;
        Ok(self.done)
    }

    /// Events of one command that stand next to each other go in one commit, each stream's as an append of
    /// its own: two commands may have one id, on two streams.
    async fn take(&mut self, events: Vec<StoredEvent>) -> Result<(), CopyLogError> {
        let Some(position) = events.first().map(|event| event.position) else {
            return Ok(());
        };
        let mut copies = Vec::new();
        for events in by_stream(events) {
            copies.extend(self.copy(events).await?);
        }
        if !self.may_follow(&copies).await? {
            self.write(position).await?;
        }
        for Copied { append, .. } in &copies {
            for write in &append.writes {
                let before = self.before.entry(write.stream.clone());
                before.or_insert(Before {
                    expected: expected(write),
                    actual: None,
                });
                self.bytes += write
                    .events
                    .iter()
                    .map(|event| event.payload.len())
                    .sum::<usize>();
            }
        }
        self.batch.extend(copies);
        let waiting = self.batch.iter().map(|copied| copied.append.event_count());
        match waiting.sum::<usize>() < BATCH && self.bytes < BATCH_BYTES {
            true => Ok(()),
            false => self.write(position).await,
        }
    }

    async fn copy(&mut self, events: Vec<StoredEvent>) -> Result<Option<Copied>, CopyLogError> {
        let (record, events) = self.whole(events).await?;
        let Some(first) = events.first() else {
            return Ok(None);
        };
        let mut append = Append::new(record.name).with_id(first.command_id);
        append.correlation_id = first.correlation_id;
        append.causation_id = first.causation_id;
        append.recorded_at = first.recorded_at;
        append.metadata = first.metadata.clone();
        let position = first.position;
        append.writes.extend(write(events));
        Ok(Some(Copied { position, append }))
    }

    /// All that the command appended to the stream. Other transactions may have drawn positions in between.
    async fn whole(
        &mut self,
        mut events: Vec<StoredEvent>,
    ) -> Result<(CommandRecord, Vec<StoredEvent>), CopyLogError> {
        let (stream, command, version) = match events.last() {
            Some(last) => (last.stream.clone(), last.command_id, last.version),
            None => return Err(unknown_command(Uuid::nil())),
        };
        let found = self.from.find_command(command, &stream).await;
        let record = found.map_err(CopyLogError::Read)?;
        let record = record.ok_or_else(|| unknown_command(command))?;
        let missing = usize::try_from(record.version.saturating_sub(version)).unwrap_or(usize::MAX);
        if missing > 0 {
            let rest = self.from.read_stream(&stream, version, missing).await;
            let rest = rest.map_err(CopyLogError::Read)?;
            self.ahead.extend(rest.iter().map(|event| event.position));
            events.extend(rest);
        }
        Ok((record, events))
    }

    /// Whether the appends may be in one batch with what waits. Where the first append to a stream is
    /// refused, since the stream has other events, a later one could meet its expected version by chance.
    async fn may_follow(&mut self, copies: &[Copied]) -> Result<bool, CopyLogError> {
        for write in copies.iter().flat_map(|copied| &copied.append.writes) {
            let Some(before) = self.before.get_mut(&write.stream) else {
                continue;
            };
            let actual = match before.actual {
                Some(actual) => actual,
                None => {
                    let actual = self.to.stream_version(&write.stream).await;
                    *before.actual.insert(actual.map_err(CopyLogError::Read)?)
                }
            };
            let is_new = actual == before.expected;
            let is_repeated = actual >= expected(write) + write.events.len() as u64;
            if !is_new && !is_repeated {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn write(&mut self, up_to: Position) -> Result<(), CopyLogError> {
        let batch = std::mem::take(&mut self.batch);
        self.before.clear();
        self.bytes = 0;
        let (positions, appends): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .map(|copied| (copied.position, copied.append))
            .unzip();
        let answers = self.to.append(&appends).await;
        let answers = answers.map_err(CopyLogError::Write)?;
        for ((position, append), answer) in positions.into_iter().zip(&appends).zip(answers) {
            let answer = answer.map_err(|error| refused(position, error))?;
            let events = append.event_count() as u64;
            match answer.repeated {
                true => is_copy(append, &answer.streams, position)?,
                false => self.done.appended += events,
            }
            self.done.events += events;
        }
        self.done.up_to = up_to;
        (self.progress)(self.done);
        Ok(())
    }
}

/// Each stream's events, streams in the order in which they come.
fn by_stream(events: Vec<StoredEvent>) -> Vec<Vec<StoredEvent>> {
    let mut streams: Vec<Vec<StoredEvent>> = Vec::new();
    for event in events {
        let stream = streams.iter_mut().find(|of| of[0].stream == event.stream);
        match stream {
            Some(events) => events.push(event),
            None => streams.push(vec![event]),
        }
    }
    streams
}

fn write(events: Vec<StoredEvent>) -> Option<StreamWrite> {
    let first = events.first()?;
    let (stream, expected) = (first.stream.clone(), Expected::Exact(first.version - 1));
    let events = events.into_iter().map(|event| NewEvent {
        id: event.id,
        name: event.name.into(),
        schema_version: event.schema_version,
        payload: event.payload,
        occurred_at: (event.occurred_at != event.recorded_at).then_some(event.occurred_at),
    });
    Some(StreamWrite::new(stream, expected, events.collect()))
}

/// A command that was there before must have left its streams where it did in the old log.
fn is_copy(
    append: &Append,
    streams: &[AppendedStream],
    position: Position,
) -> Result<(), CopyLogError> {
    for (write, there) in append.writes.iter().zip(streams) {
        let before = expected(write);
        let actual = there.version.saturating_sub(there.events);
        if actual != before || there.events != write.events.len() as u64 {
            return Err(CopyLogError::OtherEvents {
                stream: write.stream.clone(),
                actual,
                expected: before,
                position,
            });
        }
    }
    Ok(())
}

fn expected(write: &StreamWrite) -> u64 {
    exact(write.expected)
}

/// A copy expects nothing but exact versions.
fn exact(expected: Expected) -> u64 {
    match expected {
        Expected::Exact(version) => version,
        Expected::NoStream | Expected::Any => 0,
    }
}

fn refused(position: Position, error: AppendError) -> CopyLogError {
    match error {
        AppendError::Conflict(conflict) => CopyLogError::OtherEvents {
            expected: exact(conflict.expected),
            stream: conflict.stream,
            actual: conflict.actual,
            position,
        },
        AppendError::Store(source) => CopyLogError::Write(source),
        source => CopyLogError::Refused { position, source },
    }
}

fn unknown_command(command: Uuid) -> CopyLogError {
    CopyLogError::Read(StoreError::Damaged {
        store: "the log that is copied".into(),
        reason: format!("it does not know the command {command} that appended one of its events"),
    })
}
