//! ⑤ What most batches are: each append writes one stream, and each stream is written once. The database
//! appends them in fewer steps.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, SubsecRound, Utc};
use cqrs_core::store::{Append, Appended, AppendedStream, StreamWrite};
use cqrs_core::stream::{Expected, Position};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::batch::{expected_number, small};
use super::integer;
use crate::binds::number;
use crate::database::Statement;

/// The parameters of `append_plain_events.sql`.
#[derive(Debug, Default)]
pub(super) struct PlainBatch<'a> {
    /// In the order of their streams, those that are known before those that are new.
    members: Vec<(usize, &'a Append, &'a StreamWrite)>,
    known_streams: i32,
    writes: Writes<'a>,
    events: Events<'a>,
}

#[derive(Debug, Default)]
struct Writes<'a> {
    categories: Vec<&'a str>,
    stream_ids: Vec<&'a str>,
    expected: Vec<i64>,
    events: Vec<i64>,
    recorded_times: Vec<DateTime<Utc>>,
}

#[derive(Debug, Default)]
struct Events<'a> {
    writes: Vec<i32>,
    numbers: Vec<i64>,
    categories: Vec<&'a str>,
    stream_ids: Vec<&'a str>,
    command_ids: Vec<Uuid>,
    command_names: Vec<Option<&'a str>>,
    command_events: Vec<Option<i64>>,
    correlation_ids: Vec<Uuid>,
    causation_ids: Vec<Option<Uuid>>,
    metadata: Vec<Option<String>>,
    ids: Vec<Uuid>,
    names: Vec<&'a str>,
    schema_versions: Vec<i64>,
    payloads: Vec<&'a str>,
    occurred_times: Vec<Option<DateTime<Utc>>>,
}

impl<'a> PlainBatch<'a> {
    /// Of valid appends with their places; `None` where they are not plain.
    pub(super) fn new(appends: impl Iterator<Item = (usize, &'a Append)>) -> Option<Self> {
        let mut members = Vec::new();
        let (mut streams, mut ids) = (HashSet::new(), HashSet::new());
        for (place, append) in appends {
            let [write] = &append.writes[..] else {
                return None;
            };
            // What comes back is told apart by the events' ids.
            let has_own_ids = write.events.iter().all(|event| ids.insert(event.id));
            if !streams.insert(&write.stream) || !has_own_ids {
                return None;
            }
            members.push((place, append, write));
        }
        members.sort_unstable_by_key(|(_, _, write)| (is_new(write), &write.stream));
        let mut batch = Self::default();
        for (_, append, write) in &members {
            batch.add(append, write);
        }
        batch.members = members;
        Some(batch)
    }

    fn add(&mut self, append: &'a Append, write: &'a StreamWrite) {
        let writes = &mut self.writes;
        self.known_streams += i32::from(!is_new(write));
        writes.categories.push(write.stream.category());
        writes.stream_ids.push(write.stream.id());
        writes.expected.push(expected_number(write.expected));
        writes.events.push(integer(write.events.len() as u64));
        writes
            .recorded_times
            .push(append.recorded_at.trunc_subsecs(6));
        let number = small(writes.stream_ids.len());
        for (place, event) in (1..).zip(&write.events) {
            let events = &mut self.events;
            let is_first = place == 1;
            let count = integer(write.events.len() as u64);
            let metadata = (!append.metadata.is_empty()).then(|| append.metadata.to_string());
            events.writes.push(number);
            events.numbers.push(place);
            events.categories.push(write.stream.category());
            events.stream_ids.push(write.stream.id());
            events.command_ids.push(append.command.id);
            events
                .command_names
                .push(is_first.then_some(&append.command.name));
            events.command_events.push(is_first.then_some(count));
            events.correlation_ids.push(append.correlation_id);
            events.causation_ids.push(append.causation_id);
            events.metadata.push(metadata);
            events.ids.push(event.id);
            events.names.push(&event.name);
            events.schema_versions.push(i64::from(event.schema_version));
            events.payloads.push(&event.payload);
            let occurred_at = event.occurred_at.map(|time| time.trunc_subsecs(6));
            events.occurred_times.push(occurred_at);
        }
    }

    pub(super) fn bind<'q>(&self, statement: Statement<'q>) -> Statement<'q> {
        let Self { writes, events, .. } = self;
        statement
            .bind(self.known_streams)
            .bind(small(self.members.len()) - self.known_streams)
            .bind(&writes.categories[..])
            .bind(&writes.stream_ids[..])
            .bind(&writes.expected[..])
            .bind(&writes.events[..])
            .bind(&writes.recorded_times[..])
            .bind(&events.writes[..])
            .bind(&events.numbers[..])
            .bind(&events.categories[..])
            .bind(&events.stream_ids[..])
            .bind(&events.command_ids[..])
            .bind(&events.command_names[..])
            .bind(&events.command_events[..])
            .bind(&events.correlation_ids[..])
            .bind(&events.causation_ids[..])
            .bind(&events.metadata[..])
            .bind(&events.ids[..])
            .bind(&events.names[..])
            .bind(&events.schema_versions[..])
            .bind(&events.payloads[..])
            .bind(&events.occurred_times[..])
    }

    /// What was appended, by the append's place in the batch.
    pub(super) fn appended(&self, rows: &[PgRow]) -> Result<HashMap<usize, Appended>, sqlx::Error> {
        let mut ends = HashMap::new();
        for row in rows {
            let id: Uuid = row.try_get(0)?;
            let position = Position::new(number(row.try_get(2)?));
            ends.insert(id, (number(row.try_get(1)?), position));
        }
        let appended = self.members.iter().filter_map(|(place, _, write)| {
            let (version, position) = ends.get(&write.events.last()?.id)?;
            let stream = AppendedStream {
                stream: write.stream.clone(),
                version: *version,
                events: write.events.len() as u64,
            };
            Some((*place, Appended::new(vec![stream], *position, false)))
        });
        Ok(appended.collect())
    }
}

fn is_new(write: &StreamWrite) -> bool {
    write.expected == Expected::NoStream || write.expected == Expected::Exact(0)
}
