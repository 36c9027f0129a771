//! ⑤ A batch as the append function takes it: columns, in which streams, members and writes are
//! referred to by their number, from 1.

use std::collections::HashMap;

use chrono::{DateTime, SubsecRound, Utc};
use cqrs_core::store::{Append, StreamWrite};
use cqrs_core::stream::{Expected, StreamId};
use uuid::Uuid;

use super::integer;
use crate::database::Statement;

/// The parameters of `append_events.sql`.
#[derive(Debug, Default)]
pub(super) struct Batch<'a> {
    streams: Streams<'a>,
    members: Members<'a>,
    writes: Writes,
    events: Events<'a>,
    numbers: HashMap<&'a StreamId, usize>,
    commands: HashMap<(Uuid, usize), i32>,
}

#[derive(Debug, Default)]
struct Streams<'a> {
    categories: Vec<&'a str>,
    ids: Vec<&'a str>,
    may_be_new: Vec<bool>,
}

#[derive(Debug, Default)]
struct Members<'a> {
    command_ids: Vec<Uuid>,
    command_names: Vec<&'a str>,
    correlation_ids: Vec<Uuid>,
    causation_ids: Vec<Option<Uuid>>,
    recorded_times: Vec<DateTime<Utc>>,
    metadata: Vec<Option<String>>,
    writes: Vec<i32>,
}

#[derive(Debug, Default)]
struct Writes {
    members: Vec<i32>,
    streams: Vec<i32>,
    expected: Vec<i64>,
    events: Vec<i64>,
    repeats: Vec<i32>,
}

#[derive(Debug, Default)]
struct Events<'a> {
    writes: Vec<i32>,
    numbers: Vec<i64>,
    ids: Vec<Uuid>,
    names: Vec<&'a str>,
    schema_versions: Vec<i64>,
    payloads: Vec<&'a str>,
    occurred_times: Vec<Option<DateTime<Utc>>>,
}

impl<'a> Batch<'a> {
    /// Of appends that are valid.
    pub(super) fn new(appends: impl Iterator<Item = &'a Append>) -> Self {
        let mut batch = Self::default();
        for append in appends {
            batch.add(append);
        }
        batch
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.command_ids.is_empty()
    }

    fn add(&mut self, append: &'a Append) {
        let members = &mut self.members;
        members.command_ids.push(append.command.id);
        members.command_names.push(&append.command.name);
        members.correlation_ids.push(append.correlation_id);
        members.causation_ids.push(append.causation_id);
        members
            .recorded_times
            .push(append.recorded_at.trunc_subsecs(6));
        let metadata = (!append.metadata.is_empty()).then(|| append.metadata.to_string());
        members.metadata.push(metadata);
        members.writes.push(small(append.writes.len()));
        for write in &append.writes {
            self.add_write(append, write);
        }
    }

    fn add_write(&mut self, append: &'a Append, write: &'a StreamWrite) {
        let stream = self.stream(write);
        let number = small(self.writes.members.len() + 1);
        let command = (append.command.id, stream);
        let repeats = self.commands.insert(command, number).unwrap_or(0);
        let writes = &mut self.writes;
        writes.members.push(small(self.members.command_ids.len()));
        writes.streams.push(small(stream));
        writes.expected.push(expected_number(write.expected));
        writes.events.push(integer(write.events.len() as u64));
        writes.repeats.push(repeats);
        for (place, event) in (1..).zip(&write.events) {
            let events = &mut self.events;
            events.writes.push(number);
            events.numbers.push(place);
            events.ids.push(event.id);
            events.names.push(&event.name);
            events.schema_versions.push(i64::from(event.schema_version));
            events.payloads.push(&event.payload);
            let occurred_at = event.occurred_at.map(|time| time.trunc_subsecs(6));
            events.occurred_times.push(occurred_at);
        }
    }

    /// The stream's number. It needs a row of its own where no version is expected.
    fn stream(&mut self, write: &'a StreamWrite) -> usize {
        let streams = &mut self.streams;
        let number = *self.numbers.entry(&write.stream).or_insert_with(|| {
            streams.categories.push(write.stream.category());
            streams.ids.push(write.stream.id());
            streams.may_be_new.push(false);
            streams.ids.len()
        });
        if write.expected.allows(0) {
            streams.may_be_new[number - 1] = true;
        }
        number
    }

    pub(super) fn bind<'q>(&self, statement: Statement<'q>) -> Statement<'q> {
        let Self {
            streams,
            members,
            writes,
            events,
            ..
        } = self;
        statement
            .bind(&streams.categories[..])
            .bind(&streams.ids[..])
            .bind(&streams.may_be_new[..])
            .bind(&members.command_ids[..])
            .bind(&members.command_names[..])
            .bind(&members.correlation_ids[..])
            .bind(&members.causation_ids[..])
            .bind(&members.recorded_times[..])
            .bind(&members.metadata[..])
            .bind(&members.writes[..])
            .bind(&writes.members[..])
            .bind(&writes.streams[..])
            .bind(&writes.expected[..])
            .bind(&writes.events[..])
            .bind(&writes.repeats[..])
            .bind(&events.writes[..])
            .bind(&events.numbers[..])
            .bind(&events.ids[..])
            .bind(&events.names[..])
            .bind(&events.schema_versions[..])
            .bind(&events.payloads[..])
            .bind(&events.occurred_times[..])
    }
}

/// As the functions in the database take it.
pub(super) fn expected_number(expected: Expected) -> i64 {
    match expected {
        Expected::Any => -1,
        Expected::NoStream => 0,
        Expected::Exact(version) => integer(version),
    }
}

/// A batch is bounded far below.
pub(super) fn small(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
