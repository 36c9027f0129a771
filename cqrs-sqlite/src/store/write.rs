//! ⑤ Writing a plan: many rows a statement, few statements a call.

use std::fmt::Write as _;
use std::sync::{Arc, PoisonError};

use sqlx::{AssertSqlSafe, query};

use super::SqliteEventStore;
use super::plan::{Plan, PlannedCommand, PlannedEvent};
use crate::binds::{Statement, blob, integer, microseconds, number};
use crate::database::Writer;
use crate::sql;

/// Rows of one statement. Each number of rows has a text of its own, which SQLite prepares once.
const MAX_ROWS: usize = 64;

/// Which statements one call to the driver holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    begin: bool,
    events: usize,
    commands: usize,
    commit: bool,
}

/// One call to the driver: what it inserts and whether it begins or ends the transaction.
struct Step<'p, 'a> {
    shape: Shape,
    events: &'p [PlannedEvent<'a>],
    commands: &'p [PlannedCommand<'a>],
}

impl SqliteEventStore {
    /// Writes the plan and commits; answers with the position of its last event.
    pub(super) async fn write(
        &self,
        writer: &mut Writer<'_>,
        plan: &Plan<'_>,
        begin: bool,
    ) -> Result<u64, sqlx::Error> {
        let mut position = 0;
        for step in steps(plan, begin) {
            let mut statement = query(AssertSqlSafe(self.text(step.shape)));
            for event in step.events {
                statement = bind_event(statement, event);
            }
            for command in step.commands {
                let later = plan.events.len() - command.last;
                statement = bind_command(statement, command, later);
            }
            position = writer.execute(statement).await?.last_insert_rowid();
        }
        Ok(number(position))
    }

    fn text(&self, shape: Shape) -> Arc<str> {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(texts.entry(shape).or_insert_with(|| shape.text().into()))
    }
}

/// A single command's row goes with the last of its events, so that one append is one call.
fn steps<'p, 'a>(plan: &'p Plan<'a>, begin: bool) -> Vec<Step<'p, 'a>> {
    let mut steps: Vec<Step<'p, 'a>> = Vec::new();
    for events in plan.events.chunks(MAX_ROWS) {
        let shape = Shape {
            events: events.len(),
            ..Shape::default()
        };
        steps.push(Step {
            shape,
            events,
            commands: &[],
        });
    }
    match (&plan.commands[..], steps.last_mut()) {
        (commands @ [_], Some(last)) => {
            last.shape.commands = 1;
            last.commands = commands;
        }
        (commands, _) => steps.extend(commands.chunks(MAX_ROWS).map(|commands| {
            let shape = Shape {
                commands: commands.len(),
                ..Shape::default()
            };
            Step {
                shape,
                events: &[],
                commands,
            }
        })),
    }
    if let Some(first) = steps.first_mut() {
        first.shape.begin = begin;
    }
    if let Some(last) = steps.last_mut() {
        last.shape.commit = true;
    }
    steps
}

impl Shape {
    fn text(self) -> String {
        let mut text = String::new();
        if self.begin {
            text.push_str("BEGIN IMMEDIATE; ");
        }
        if self.events > 0 {
            let insert = sql::with_rows(sql::INSERT_EVENTS, self.events);
            let _ = write!(text, "{insert}; ");
        }
        if self.commands > 0 {
            let insert = sql::with_rows(sql::INSERT_COMMANDS, self.commands);
            let _ = write!(text, "{insert}; ");
        }
        if self.commit {
            text.push_str("COMMIT");
        }
        text
    }
}

fn bind_event<'q>(statement: Statement<'q>, planned: &PlannedEvent<'_>) -> Statement<'q> {
    let (append, event) = (planned.append, planned.event);
    let metadata = (!append.metadata.is_empty()).then(|| append.metadata.to_string());
    statement
        .bind(blob(event.id))
        .bind(planned.stream.category().to_owned())
        .bind(planned.stream.id().to_owned())
        .bind(integer(planned.version))
        .bind(event.name.to_string())
        .bind(i64::from(event.schema_version))
        .bind(event.payload.clone())
        .bind(blob(append.correlation_id))
        .bind(append.causation_id.map(blob))
        .bind(blob(append.command.id))
        .bind(microseconds(planned.recorded_at))
        .bind(integer(planned.previous))
        .bind(event.occurred_at.map(microseconds))
        .bind(metadata)
}

fn bind_command<'q>(
    statement: Statement<'q>,
    planned: &PlannedCommand<'_>,
    later: usize,
) -> Statement<'q> {
    let command = &planned.append.command;
    statement
        .bind(blob(command.id))
        .bind(planned.stream.category().to_owned())
        .bind(planned.stream.id().to_owned())
        .bind(command.name.to_string())
        .bind(integer(planned.version))
        .bind(integer(later as u64))
        .bind(integer(planned.events))
}
