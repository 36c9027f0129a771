//! ⑤ Appends: first in one go on the expectation that all versions are as expected, then, where
//! they are not, with a look at the streams.

use cqrs_core::store::{Append, AppendError, Appended, CommandRecord, StoreError};
use cqrs_core::stream::{Position, StreamId};
use sqlx::{AssertSqlSafe, Row, query};
use uuid::Uuid;

use super::SqliteEventStore;
use super::plan::{Known, Place, Plan, State, StreamState};
use super::write::Transaction;
use crate::binds::{blob, number};
use crate::database::Writer;
use crate::error::is_constraint;
use crate::sql;

const OPERATION: &str = "append";

type Answers = Vec<Result<Appended, AppendError>>;

/// A command as `read_streams.sql` packs it: id, category, stream id, name, version, position, events.
type KnownRow = (String, String, String, String, u64, u64, u64);

impl SqliteEventStore {
    pub(super) async fn append_batch(&self, batch: &[Append]) -> Result<Answers, StoreError> {
        let appended = self.try_append(batch).await;
        appended.map_err(|error| self.database.place(OPERATION).error(error))
    }

    async fn try_append(&self, batch: &[Append]) -> Result<Answers, sqlx::Error> {
        let assumed = State::assumed(batch).map(|state| Plan::new(batch, state));
        if let Some(plan) = assumed {
            if plan.events.is_empty() {
                return Ok(plan.answers(0));
            }
            let mut writer = self.database.writer().await?;
            return match self.write(&mut writer, &plan, Transaction::Own).await {
                Ok(last) => {
                    writer.settle();
                    Ok(plan.answers(last))
                }
                Err(error) if is_constraint(&error) => self.append_after_look(writer, batch).await,
                Err(error) => Err(error),
            };
        }
        let writer = self.database.writer().await?;
        self.append_after_look(writer, batch).await
    }

    /// Two steps and more: what the streams look like, then what can be appended.
    async fn append_after_look(
        &self,
        mut writer: Writer<'_>,
        batch: &[Append],
    ) -> Result<Answers, sqlx::Error> {
        let state = begin(&mut writer, batch).await?;
        let plan = Plan::new(batch, state);
        let last = if plan.events.is_empty() {
            writer.rollback().await?;
            0
        } else {
            self.write(&mut writer, &plan, Transaction::Begun).await?
        };
        writer.settle();
        Ok(plan.answers(last))
    }

    pub(super) async fn command_record(
        &self,
        command_id: Uuid,
        stream: &StreamId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        const OPERATION: &str = "find command";
        let statement = query(sql::FIND_COMMAND)
            .bind(blob(command_id))
            .bind(stream.category())
            .bind(stream.id());
        let rows = self.database.read(OPERATION, statement).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let record = || {
            let position = Position::new(number(row.try_get(2)?));
            let (version, events) = (number(row.try_get(1)?), number(row.try_get(3)?));
            let name: String = row.try_get(0)?;
            Ok(CommandRecord::new(name, version, position, events))
        };
        let record = record().map_err(|error| self.database.place(OPERATION).error(error));
        record.map(Some)
    }
}

/// Begins the transaction and reads what a decision about the batch needs.
async fn begin<'a>(writer: &mut Writer<'_>, batch: &'a [Append]) -> Result<State<'a>, sqlx::Error> {
    let mut state = State::default();
    let mut streams: Vec<&StreamId> = Vec::new();
    for write in batch.iter().flat_map(|append| &append.writes) {
        if state
            .streams
            .insert(&write.stream, StreamState::at(0))
            .is_none()
        {
            streams.push(&write.stream);
        }
    }
    let names = streams
        .iter()
        .map(|stream| (stream.category(), stream.id()));
    let names: Vec<_> = names.collect();
    let commands = batch
        .iter()
        .map(|append| append.command.id.simple().to_string());
    let commands: Vec<_> = commands.collect();
    let text = format!("BEGIN IMMEDIATE; {}", sql::READ_STREAMS);
    let statement = query(AssertSqlSafe(text))
        .bind(serde_json::to_string(&names).map_err(encode)?)
        .bind(serde_json::to_string(&commands).map_err(encode)?);
    let rows = writer.rows(statement).await?;
    let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;

    let versions: Vec<(usize, Option<u64>)> =
        serde_json::from_str(row.try_get(0)?).map_err(decode)?;
    for (index, version) in versions {
        if let (Some(stream), Some(version)) = (streams.get(index), version) {
            state.streams.insert(stream, StreamState::at(version));
        }
    }
    let known: Vec<KnownRow> = serde_json::from_str(row.try_get(1)?).map_err(decode)?;
    for (id, category, stream_id, name, version, position, events) in known {
        let id = Uuid::try_parse(&id).map_err(decode)?;
        let same = |stream: &&&StreamId| stream.category() == category && stream.id() == stream_id;
        if let Some(stream) = streams.iter().find(same) {
            let last = Place::Stored(position);
            let known = Known {
                name,
                version,
                events,
                last,
            };
            state.commands.insert((id, stream), known);
        }
    }
    Ok(state)
}

fn decode(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

fn encode(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Encode(Box::new(error))
}
