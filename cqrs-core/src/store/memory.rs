//! ⑤ The event store in memory: the shortest correct answer to the contract.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::SubsecRound;
use uuid::Uuid;

use super::{
    Append, AppendError, Appended, AppendedStream, CommandRecord, Conflict, EventAppender,
    LoadedEvent, LogHead, LogReader, NewEvent, ReadLog, StoreError, StreamReader, StreamWrite,
};
use crate::BoxFuture;
use crate::checkpoint::EventMark;
use crate::event::StoredEvent;
use crate::snapshot::{SnapshotStore, StoredSnapshot};
use crate::stream::{Position, StreamId};

/// An event store that lives as long as the process: for unit tests and trials.
#[derive(Debug)]
pub struct MemoryEventStore {
    log_id: Uuid,
    log: Mutex<Log>,
}

#[derive(Debug, Default)]
struct Log {
    /// In order; the event at position n stands at n - 1.
    events: Vec<StoredEvent>,
    /// For each stream the places of its events in `events`.
    streams: HashMap<StreamId, Vec<usize>>,
    commands: HashMap<(Uuid, StreamId), CommandRecord>,
    snapshots: HashMap<StreamId, StoredSnapshot>,
}

impl Default for MemoryEventStore {
    fn default() -> Self {
        Self {
            log_id: Uuid::new_v4(),
            log: Mutex::default(),
        }
    }
}

impl MemoryEventStore {
    /// A panic under the lock cannot leave an append half-done: events are pushed last.
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    fn append(&mut self, append: &Append) -> Result<Appended, AppendError> {
        append.validate()?;
        if let Some(repeated) = self.repeated(append)? {
            return Ok(repeated);
        }
        for write in &append.writes {
            let actual = self.version(&write.stream);
            if !write.expected.allows(actual) {
                return Err(AppendError::Conflict(Conflict {
                    stream: write.stream.clone(),
                    expected: write.expected,
                    actual,
                }));
            }
        }
        let streams = append.writes.iter().map(|write| self.write(append, write));
        let streams = streams.collect();
        Ok(Appended::new(streams, self.head(), false))
    }

    fn repeated(&self, append: &Append) -> Result<Option<Appended>, AppendError> {
        let mut streams = Vec::new();
        let mut position = Position::START;
        for write in &append.writes {
            let key = (append.command.id, write.stream.clone());
            let Some(record) = self.commands.get(&key) else {
                continue;
            };
            if record.name != append.command.name {
                return Err(AppendError::CommandReused {
                    id: append.command.id,
                    stream: write.stream.clone(),
                    stored: record.name.clone(),
                    name: append.command.name.to_string(),
                });
            }
            position = position.max(record.position);
            streams.push(AppendedStream {
                stream: write.stream.clone(),
                version: record.version,
                events: record.events,
            });
        }
        Ok((!streams.is_empty()).then(|| Appended::new(streams, position, true)))
    }

    fn write(&mut self, append: &Append, write: &StreamWrite) -> AppendedStream {
        for event in &write.events {
            let stored = self.stored(append, write, event);
            let places = self.streams.entry(write.stream.clone()).or_default();
            places.push(self.events.len());
            self.events.push(stored);
        }
        let (version, events) = (self.version(&write.stream), write.events.len() as u64);
        let name = append.command.name.clone();
        let record = CommandRecord::new(name, version, self.head(), events);
        let key = (append.command.id, write.stream.clone());
        self.commands.insert(key, record);
        AppendedStream {
            stream: write.stream.clone(),
            version,
            events,
        }
    }

    fn stored(&self, append: &Append, write: &StreamWrite, event: &NewEvent) -> StoredEvent {
        let position = Position::new(self.head().get() + 1);
        let version = self.version(&write.stream) + 1;
        let now = append.recorded_at.trunc_subsecs(6);
        let previous = self
            .stream(&write.stream)
            .last()
            .map(|last| last.recorded_at);
        let recorded_at = previous.map_or(now, |at| at.max(now));
        StoredEvent {
            id: event.id,
            name: event.name.to_string(),
            schema_version: event.schema_version,
            payload: event.payload.clone(),
            correlation_id: append.correlation_id,
            causation_id: append.causation_id,
            command_id: append.command.id,
            recorded_at,
            occurred_at: event
                .occurred_at
                .map_or(recorded_at, |at| at.trunc_subsecs(6)),
            metadata: append.metadata.clone(),
            ..StoredEvent::new(position, write.stream.clone(), version)
        }
    }

    fn stream(&self, stream: &StreamId) -> impl DoubleEndedIterator<Item = &StoredEvent> {
        let places = self.streams.get(stream).into_iter().flatten();
        places.map(|place| &self.events[*place])
    }

    fn version(&self, stream: &StreamId) -> u64 {
        self.streams
            .get(stream)
            .map_or(0, |places| places.len() as u64)
    }

    fn head(&self) -> Position {
        Position::new(self.events.len() as u64)
    }
}

impl EventAppender for MemoryEventStore {
    fn append<'a>(
        &'a self,
        batch: &'a [Append],
    ) -> BoxFuture<'a, Result<Vec<Result<Appended, AppendError>>, StoreError>> {
        let mut log = self.log();
        let answers = batch.iter().map(|append| log.append(append)).collect();
        Box::pin(std::future::ready(Ok(answers)))
    }

    fn find_command<'a>(
        &'a self,
        command_id: Uuid,
        stream: &'a StreamId,
    ) -> BoxFuture<'a, Result<Option<CommandRecord>, StoreError>> {
        let record = self
            .log()
            .commands
            .get(&(command_id, stream.clone()))
            .cloned();
        Box::pin(std::future::ready(Ok(record)))
    }
}

impl StreamReader for MemoryEventStore {
    fn load<'a>(
        &'a self,
        stream: &'a StreamId,
        after_version: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<LoadedEvent>, StoreError>> {
        let log = self.log();
        let events = log
            .stream(stream)
            .skip(usize_from(after_version))
            .take(limit);
        let events = events.map(|event| LoadedEvent {
            version: event.version,
            name: event.name.clone(),
            schema_version: event.schema_version,
            payload: event.payload.clone(),
        });
        let events = events.collect();
        Box::pin(std::future::ready(Ok(events)))
    }

    fn read_stream<'a>(
        &'a self,
        stream: &'a StreamId,
        after_version: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<StoredEvent>, StoreError>> {
        let log = self.log();
        let events = log
            .stream(stream)
            .skip(usize_from(after_version))
            .take(limit);
        let events = events.cloned().collect();
        Box::pin(std::future::ready(Ok(events)))
    }

    fn stream_version<'a>(
        &'a self,
        stream: &'a StreamId,
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        Box::pin(std::future::ready(Ok(self.log().version(stream))))
    }
}

impl SnapshotStore for MemoryEventStore {
    fn load_snapshot<'a>(
        &'a self,
        stream: &'a StreamId,
        fingerprint: u64,
    ) -> BoxFuture<'a, Result<Option<StoredSnapshot>, StoreError>> {
        let snapshot = self.log().snapshots.get(stream).cloned();
        let snapshot = snapshot.filter(|snapshot| snapshot.fingerprint == fingerprint);
        Box::pin(std::future::ready(Ok(snapshot)))
    }

    fn save_snapshot<'a>(
        &'a self,
        stream: &'a StreamId,
        snapshot: &'a StoredSnapshot,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let mut log = self.log();
        let kept = log.snapshots.get(stream);
        if kept.is_none_or(|kept| snapshot.replaces(kept)) {
            log.snapshots.insert(stream.clone(), snapshot.clone());
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

impl LogReader for MemoryEventStore {
    fn read_log<'a>(
        &'a self,
        request: &'a ReadLog,
    ) -> BoxFuture<'a, Result<Vec<StoredEvent>, StoreError>> {
        let log = self.log();
        let after = usize_from(request.after.get());
        let up_to = |event: &&StoredEvent| event.position <= request.up_to;
        let events = log.events.iter().skip(after).take_while(up_to);
        let events = events.filter(|event| wanted(event, request));
        let events = events.take(request.limit).cloned().collect();
        Box::pin(std::future::ready(Ok(events)))
    }

    fn head(&self) -> BoxFuture<'_, Result<LogHead, StoreError>> {
        let log = self.log();
        let event = log.events.last().map(|last| EventMark {
            position: last.position,
            id: last.id,
        });
        let head = LogHead {
            log_id: self.log_id,
            position: log.head(),
            event,
        };
        Box::pin(std::future::ready(Ok(head)))
    }

    fn event_at(&self, position: Position) -> BoxFuture<'_, Result<Option<Uuid>, StoreError>> {
        let log = self.log();
        let place = usize_from(position.get()).checked_sub(1);
        let id = place
            .and_then(|place| log.events.get(place))
            .map(|event| event.id);
        Box::pin(std::future::ready(Ok(id)))
    }
}

fn wanted(event: &StoredEvent, request: &ReadLog) -> bool {
    let name = |names: &Vec<&'static str>| names.contains(&event.name.as_str());
    let category = |wanted: &Vec<String>| wanted.iter().any(|c| c == event.stream.category());
    request.names.as_ref().is_none_or(name) && request.categories.as_ref().is_none_or(category)
}

/// No log in memory reaches the numbers that do not fit.
fn usize_from(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
