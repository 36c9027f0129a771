//! ⑤ What a batch comes to, given the streams and commands that are stored: decided in memory, in
//! order of arrival.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use cqrs_core::store::{
    Append, AppendError, Appended, AppendedStream, Conflict, NewEvent, StreamWrite,
};
use cqrs_core::stream::{Expected, Position, StreamId};
use uuid::Uuid;

/// What is known of a stream: from the file at first, then with what the batch adds.
#[derive(Debug, Clone, Copy)]
pub(super) struct StreamState {
    /// Before the batch; the event of that version gives the time below which none may fall.
    pub(super) stored: u64,
    version: u64,
    recorded_at: DateTime<Utc>,
}

impl StreamState {
    pub(super) fn at(version: u64) -> Self {
        Self {
            stored: version,
            version,
            recorded_at: DateTime::<Utc>::MIN_UTC,
        }
    }
}

/// A command that was appended before, in the file or earlier in the batch.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) name: String,
    pub(super) version: u64,
    pub(super) events: u64,
    pub(super) last: Place,
}

/// Where an event stands: positions are drawn only when the batch is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Place {
    Stored(u64),
    /// The number of events of the batch up to and including it.
    Batch(usize),
}

/// What the decision rests on.
#[derive(Debug, Default)]
pub(super) struct State<'a> {
    pub(super) streams: HashMap<&'a StreamId, StreamState>,
    pub(super) commands: HashMap<(Uuid, &'a StreamId), Known>,
}

/// An event that will be inserted.
#[derive(Debug)]
pub(super) struct PlannedEvent<'a> {
    pub(super) append: &'a Append,
    pub(super) stream: &'a StreamId,
    pub(super) event: &'a NewEvent,
    pub(super) version: u64,
    pub(super) recorded_at: DateTime<Utc>,
    /// The stream's version before the batch.
    pub(super) previous: u64,
    /// On the first event of a command in a stream: how many it has there.
    pub(super) command_events: Option<u64>,
}

/// What a member of the batch is told once the positions are known.
#[derive(Debug)]
struct Answer {
    streams: Vec<AppendedStream>,
    last: Place,
    repeated: bool,
}

/// What will be written, and what each member will be told.
#[derive(Debug, Default)]
pub(super) struct Plan<'a> {
    pub(super) events: Vec<PlannedEvent<'a>>,
    answers: Vec<Result<Answer, AppendError>>,
}

impl<'a> State<'a> {
    /// The state in which every expectation holds, if there is one: each stream is named once and
    /// says which version it has. The inserts themselves find out whether it is so.
    pub(super) fn assumed(batch: &'a [Append]) -> Option<Self> {
        let mut state = Self::default();
        for write in batch.iter().flat_map(|append| &append.writes) {
            let version = match write.expected {
                Expected::NoStream => 0,
                Expected::Exact(version) => version,
                Expected::Any => return None,
            };
            let stream = StreamState::at(version);
            if state.streams.insert(&write.stream, stream).is_some() {
                return None;
            }
        }
        Some(state)
    }

    fn version(&self, stream: &StreamId) -> u64 {
        self.streams.get(stream).map_or(0, |state| state.version)
    }
}

impl<'a> Plan<'a> {
    pub(super) fn new(batch: &'a [Append], mut state: State<'a>) -> Self {
        let mut plan = Self::default();
        for append in batch {
            let answer = plan.decide(append, &mut state);
            plan.answers.push(answer);
        }
        plan
    }

    fn decide(&mut self, append: &'a Append, state: &mut State<'a>) -> Result<Answer, AppendError> {
        append.validate()?;
        if let Some(answer) = repeated(append, state)? {
            return Ok(answer);
        }
        for write in &append.writes {
            let actual = state.version(&write.stream);
            if !write.expected.allows(actual) {
                return Err(AppendError::Conflict(Conflict {
                    stream: write.stream.clone(),
                    expected: write.expected,
                    actual,
                }));
            }
        }
        let streams = append.writes.iter();
        let streams = streams
            .map(|write| self.write(append, write, state))
            .collect();
        Ok(Answer {
            streams,
            last: Place::Batch(self.events.len()),
            repeated: false,
        })
    }

    fn write(
        &mut self,
        append: &'a Append,
        write: &'a StreamWrite,
        state: &mut State<'a>,
    ) -> AppendedStream {
        let stream = state.streams.entry(&write.stream);
        let stream = stream.or_insert_with(|| StreamState::at(0));
        stream.recorded_at = stream.recorded_at.max(append.recorded_at);
        let events = write.events.len() as u64;
        let mut command_events = Some(events);
        for event in &write.events {
            stream.version += 1;
            self.events.push(PlannedEvent {
                append,
                stream: &write.stream,
                event,
                version: stream.version,
                recorded_at: stream.recorded_at,
                previous: stream.stored,
                command_events: command_events.take(),
            });
        }
        let version = stream.version;
        let known = Known {
            name: append.command.name.to_string(),
            version,
            events,
            last: Place::Batch(self.events.len()),
        };
        state
            .commands
            .insert((append.command.id, &write.stream), known);
        AppendedStream {
            stream: write.stream.clone(),
            version,
            events,
        }
    }

    /// The answers, now that the position of the last event is known.
    pub(super) fn answers(self, last: u64) -> Vec<Result<Appended, AppendError>> {
        let events = self.events.len();
        let position = |place| match place {
            Place::Stored(position) => position,
            Place::Batch(number) => last - (events - number) as u64,
        };
        let answer = |answer: Answer| {
            let position = Position::new(position(answer.last));
            Appended::new(answer.streams, position, answer.repeated)
        };
        self.answers
            .into_iter()
            .map(|told| told.map(answer))
            .collect()
    }
}

fn repeated(append: &Append, state: &State<'_>) -> Result<Option<Answer>, AppendError> {
    let id = append.command.id;
    let mut answer: Option<Answer> = None;
    for write in &append.writes {
        let Some(known) = state.commands.get(&(id, &write.stream)) else {
            continue;
        };
        if known.name != append.command.name {
            return Err(AppendError::CommandReused {
                id,
                stream: write.stream.clone(),
                stored: known.name.clone(),
                name: append.command.name.to_string(),
            });
        }
        let answer = answer.get_or_insert(Answer {
            streams: Vec::new(),
            last: known.last,
            repeated: true,
        });
        answer.last = later(answer.last, known.last);
        answer.streams.push(AppendedStream {
            stream: write.stream.clone(),
            version: known.version,
            events: known.events,
        });
    }
    Ok(answer)
}

/// What the batch adds comes after everything that is stored.
fn later(left: Place, right: Place) -> Place {
    match (left, right) {
        (Place::Stored(left), Place::Stored(right)) => Place::Stored(left.max(right)),
        (Place::Batch(left), Place::Batch(right)) => Place::Batch(left.max(right)),
        (Place::Batch(number), _) | (_, Place::Batch(number)) => Place::Batch(number),
    }
}
