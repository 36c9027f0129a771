//! What a run reports: a table on the terminal, a JSON file, and the plot beside it.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use comfy_table::{Cell, CellAlignment, Table, presets};
use serde_json::json;

use crate::plot;
use crate::row::{Goal, Row};

/// A finished run.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) database: &'static str,
    pub(crate) passes: usize,
    /// How long the disk takes to make one write durable.
    pub(crate) sync_time: Duration,
    pub(crate) rows: Vec<Row>,
}

impl Report {
    pub(crate) fn print(&self) {
        println!("{}\n{}", self.title(), self.table());
    }

    pub(crate) fn save(&self, path: &Path) -> Result<()> {
        let rows: Vec<_> = self.rows.iter().map(Row::json).collect();
        let report = json!({
            "database": self.database,
            "passes": self.passes,
            "sync_milliseconds": milliseconds(self.sync_time),
            "rows": rows,
        });
        let cannot_write = || format!("cannot write {}", path.display());
        std::fs::write(path, format!("{report}\n")).with_context(cannot_write)?;
        plot::draw(&path.with_extension("svg"), &self.title(), &self.rows)
    }

    fn title(&self) -> String {
        let passes = match self.passes {
            1 => "one pass".to_owned(),
            passes => format!("the middle one of {passes} passes"),
        };
        let (database, sync) = (self.database, milliseconds(self.sync_time));
        format!("{database}, {passes}, one durable write takes {sync} ms")
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::UTF8_HORIZONTAL_ONLY);
        table.set_header([
            "path",
            "ours",
            "raw",
            "unit",
            "ratio",
            "of a pass",
            "target",
            "",
        ]);
        for row in &self.rows {
            table.add_row(cells(row));
        }
        table
    }
}

fn cells(row: &Row) -> Vec<Cell> {
    let spread = |(smallest, largest)| format!("{}–{}", short(smallest), short(largest));
    let target = match row.path.goal {
        Goal::Ratio(target) => format!("≥ {target:.2}"),
        Goal::AtMost(limit) => format!("≤ {} {}", short(limit), row.path.unit),
        Goal::None | Goal::Cost => String::new(),
    };
    let verdict = match row.met() {
        Some(true) => "met",
        Some(false) => "BELOW TARGET",
        None => "",
    };
    let remark = [verdict, row.note.as_deref().unwrap_or_default()];
    let remark: Vec<_> = remark.into_iter().filter(|text| !text.is_empty()).collect();
    let spread = row.spread.filter(|_| row.ratio().is_some()).map(spread);
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    vec![
        Cell::new(row.path.name),
        right(short(row.ours)),
        right(row.raw.map(short).unwrap_or_default()),
        Cell::new(row.path.unit),
        right(row.ratio().map(short).unwrap_or_default()),
        right(spread.unwrap_or_default()),
        right(target),
        Cell::new(remark.join(", ")),
    ]
}

/// Three digits that count, with commas in large numbers.
pub(crate) fn short(number: f64) -> String {
    match number {
        1000.0.. => grouped(number.round() as u64),
        100.0.. => format!("{number:.0}"),
        10.0.. => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

fn grouped(number: u64) -> String {
    match number {
        1000.. => format!("{},{:03}", grouped(number / 1000), number % 1000),
        _ => number.to_string(),
    }
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}
