//! ⑤ Appends: one call of a function in the database for a whole batch.

use std::collections::HashMap;

use cqrs_core::store::{
    Append, AppendError, Appended, AppendedStream, Conflict, StoreError, StreamWrite,
};
use cqrs_core::stream::Position;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::batch::Batch;
use super::plain::PlainBatch;
use super::{PostgresEventStore, number, statement};
use crate::database::Fault;
use crate::error::was_overtaken;

const OPERATION: &str = "append";

/// How often a batch is sent that the database took back for what others did meanwhile.
const ATTEMPTS: u32 = 5;

type Answers = Vec<Result<Appended, AppendError>>;

impl PostgresEventStore {
    pub(super) async fn append_batch(&self, appends: &[Append]) -> Result<Answers, StoreError> {
        let valid: Vec<_> = appends.iter().map(Append::validate).collect();
        let sent: Vec<_> = appends
            .iter()
            .enumerate()
            .zip(&valid)
            .filter_map(|(append, valid)| valid.is_ok().then_some(append))
            .collect();
        let mut appended = self.append_plain(&sent).await?;
        let left = sent
            .iter()
            .filter(|(place, _)| !appended.contains_key(place));
        let batch = Batch::new(left.map(|(_, append)| *append));
        let mut outcomes = match self.decide(&batch).await {
            Ok(outcomes) => Ok(outcomes.into_iter()),
            // Nothing of the batch is stored, or what is will be found by its command.
            Err(error) if appended.is_empty() => return Err(error),
            Err(error) => Err(error),
        };
        let answers = appends.iter().enumerate().zip(valid);
        let answers = answers.map(|((place, append), valid)| {
            valid?;
            match (appended.remove(&place), &mut outcomes) {
                (Some(appended), _) => Ok(appended),
                (None, Ok(outcomes)) => answer(append, outcomes.take(append.writes.len())),
                (None, Err(error)) => Err(error.clone().into()),
            }
        });
        Ok(answers.collect())
    }

    async fn decide(&self, batch: &Batch<'_>) -> Result<Vec<Outcome>, StoreError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let place = self.database.place(OPERATION);
        let rows = self.call(batch).await;
        let rows = rows.map_err(|fault| place.fault(fault))?;
        let outcomes: Result<_, _> = rows.iter().map(Outcome::read).collect();
        outcomes.map_err(|error| place.error(error))
    }

    /// What could be appended without a question, by its place; whatever refuses the rest is told by the
    /// function that decides each append by itself.
    async fn append_plain(
        &self,
        appends: &[(usize, &Append)],
    ) -> Result<HashMap<usize, Appended>, StoreError> {
        let place = self.database.place(OPERATION);
        let Some(batch) = PlainBatch::new(appends.iter().copied()) else {
            return Ok(HashMap::new());
        };
        if appends.is_empty() {
            return Ok(HashMap::new());
        }
        let call = batch.bind(statement(&self.database.sql.append_plain_events));
        match self.database.rows(call).await {
            Ok(rows) => batch.appended(&rows).map_err(|error| place.error(error)),
            Err(Fault::Refused(_) | Fault::Replaced(_)) => Ok(HashMap::new()),
            Err(fault) => Err(place.fault(fault)),
        }
    }

    async fn call(&self, batch: &Batch<'_>) -> Result<Vec<PgRow>, Fault> {
        let mut attempt = 1;
        loop {
            let call = batch.bind(statement(&self.database.sql.append_events));
            match self.database.rows(call).await {
                Err(fault) if attempt < ATTEMPTS && was_overtaken(&fault) => attempt += 1,
                rows => return rows,
            }
        }
    }
}

/// What became of one write.
#[derive(Debug)]
enum Outcome {
    Appended(Written),
    Repeated(Written),
    Conflict {
        actual: u64,
    },
    Reused {
        stored: String,
    },
    /// Another write of the member has decided.
    Void,
}

#[derive(Debug)]
struct Written {
    version: u64,
    events: u64,
    position: Position,
}

impl Outcome {
    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        let outcome: Option<i16> = row.try_get(0)?;
        Ok(match outcome {
            Some(0) => Self::Appended(Written::read(row)?),
            Some(1) => Self::Repeated(Written::read(row)?),
            Some(2) => Self::Conflict {
                actual: number(row.try_get(1)?),
            },
            Some(3) => Self::Reused {
                stored: row.try_get(4)?,
            },
            _ => Self::Void,
        })
    }
}

impl Written {
    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            version: number(row.try_get(1)?),
            events: number(row.try_get(2)?),
            position: Position::new(number(row.try_get(3)?)),
        })
    }

    fn of(self, write: &StreamWrite) -> AppendedStream {
        AppendedStream {
            stream: write.stream.clone(),
            version: self.version,
            events: self.events,
        }
    }
}

fn answer(
    append: &Append,
    outcomes: impl Iterator<Item = Outcome>,
) -> Result<Appended, AppendError> {
    let mut appended = Appended::new(Vec::new(), Position::START, false);
    // To the end, so that the next member finds its own.
    let outcomes: Vec<_> = append.writes.iter().zip(outcomes).collect();
    let is_refused =
        |outcome: &Outcome| matches!(outcome, Outcome::Conflict { .. } | Outcome::Reused { .. });
    let refusal = outcomes.iter().position(|(_, outcome)| is_refused(outcome));
    for (write, outcome) in outcomes.into_iter().skip(refusal.unwrap_or(0)) {
        let written = match outcome {
            Outcome::Conflict { actual } => {
                return Err(AppendError::Conflict(Conflict {
                    stream: write.stream.clone(),
                    expected: write.expected,
                    actual,
                }));
            }
            Outcome::Reused { stored } => {
                return Err(AppendError::CommandReused {
                    id: append.command.id,
                    stream: write.stream.clone(),
                    stored,
                    name: append.command.name.to_string(),
                });
            }
            Outcome::Appended(written) => written,
            Outcome::Repeated(written) => {
                appended.repeated = true;
                written
            }
            Outcome::Void => continue,
        };
        appended.position = appended.position.max(written.position);
        appended.streams.push(written.of(write));
    }
    Ok(appended)
}
