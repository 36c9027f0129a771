//! The paths that are measured, in the order of the table.

pub(crate) mod catch_up;
pub(crate) mod commands;
pub(crate) mod costs;
pub(crate) mod growth;
pub(crate) mod load;
pub(crate) mod memory;
pub(crate) mod visible;

use anyhow::Result;

use crate::bench::Bench;
use crate::engine::{Engine, Postgres, Sqlite};
use crate::row::{Path, Row};

/// The rows of a run, and which paths were asked for.
struct Table<'a> {
    bench: &'a Bench,
    pattern: Option<&'a str>,
    rows: Vec<Row>,
}

/// Measures the paths on SQLite whose name contains the pattern.
pub(crate) async fn measure_sqlite(bench: &Bench, pattern: Option<&str>) -> Result<Vec<Row>> {
    let mut table = Table::new(bench, pattern);
    table
        .add_all(&Sqlite(bench), &commands::SQLITE, &[catch_up::SHORT])
        .await?;
    Ok(table.rows)
}

/// Measures the paths on Postgres whose name contains the pattern.
pub(crate) async fn measure_postgres(bench: &Bench, pattern: Option<&str>) -> Result<Vec<Row>> {
    let mut table = Table::new(bench, pattern);
    let logs: &[_] = match table.has_time() {
        true => &[catch_up::SHORT, catch_up::LONG],
        false => &[catch_up::SHORT],
    };
    table
        .add_all(&Postgres(bench), &commands::POSTGRES, logs)
        .await?;
    for cost in costs::ALL {
        if table.wants(cost.path()) {
            table.rows.push(cost.measure(bench).await?);
        }
    }
    if !bench.quick && growth::ALL.iter().any(|path| table.wants(*path)) {
        table.rows.extend(growth::measure(bench).await?);
    }
    Ok(table.rows)
}

impl<'a> Table<'a> {
    fn new(bench: &'a Bench, pattern: Option<&'a str>) -> Self {
        let rows = Vec::new();
        Self {
            bench,
            pattern,
            rows,
        }
    }

    fn wants(&self, path: Path) -> bool {
        self.pattern.is_none_or(|text| path.name.contains(text))
    }

    /// A quick run has it only for what was asked for by name.
    fn has_time(&self) -> bool {
        !self.bench.quick || self.pattern.is_some()
    }

    /// The paths that every database has.
    async fn add_all<E: Engine>(
        &mut self,
        engine: &E,
        commands: &[commands::Case],
        logs: &[catch_up::Log],
    ) -> Result<()> {
        let bench = self.bench;
        for case in commands {
            if self.wants(case.path) {
                self.rows
                    .push(commands::measure(bench, engine, *case).await?);
            }
        }
        if self.wants(load::LOAD) {
            self.rows.push(load::load(bench, engine).await?);
        }
        for log in logs {
            if self.wants(log.path) {
                self.rows
                    .push(catch_up::catch_up(bench, engine, *log).await?);
            }
        }
        if self.wants(visible::VISIBLE) {
            self.rows.push(visible::visible(bench, engine).await?);
        }
        if self.wants(memory::MEMORY) && self.has_time() {
            self.rows.extend(memory::memory(engine).await?);
        }
        Ok(())
    }
}
