//! ⑤ Appends: one call of the function in the database for a whole batch.

use cqrs_core::store::{
    Append, AppendError, Appended, AppendedStream, Conflict, StoreError, StreamWrite,
};
use cqrs_core::stream::Position;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::batch::Batch;
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
        let sent = appends
            .iter()
            .zip(&valid)
            .filter(|(_, valid)| valid.is_ok());
        let batch = Batch::new(sent.map(|(append, _)| append));
        let place = self.database.place(OPERATION);
        let rows = match batch.is_empty() {
            true => Vec::new(),
            false => self
                .call(&batch)
                .await
                .map_err(|fault| place.fault(fault))?,
        };
        let outcomes = rows
            .iter()
            .map(Outcome::read)
            .collect::<Result<Vec<_>, _>>();
        let mut outcomes = outcomes.map_err(|error| place.error(error))?.into_iter();
        let answers = appends.iter().zip(valid).map(|(append, valid)| {
            valid?;
            answer(append, outcomes.by_ref().take(append.writes.len()))
        });
        Ok(answers.collect())
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
