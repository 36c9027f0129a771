//! One row of the table: a path, what both sides reached on it, and what was aimed at.

use anyhow::Result;
use serde_json::{Value, json};

use crate::report::short;

/// A path through the framework and what is aimed at on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Path {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) goal: Goal,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    /// Ours divided by raw.
    Ratio(f64),
    /// Ours itself, in the row's unit.
    AtMost(f64),
    /// For information.
    None,
    /// For information, and no ratio: less is better.
    Cost,
}

/// What was measured on a path: the pass in the middle.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) path: Path,
    pub(crate) ours: f64,
    pub(crate) raw: Option<f64>,
    /// The smallest and the largest ratio of a pass.
    pub(crate) spread: Option<(f64, f64)>,
    pub(crate) note: Option<String>,
}

impl Row {
    /// The middle one of so many passes, each of which measures both sides.
    pub(crate) async fn measure(
        path: Path,
        passes: usize,
        mut pass: impl AsyncFnMut() -> Result<(f64, f64)>,
    ) -> Result<Self> {
        let mut pairs = Vec::new();
        for number in 1..=passes {
            let (ours, raw) = pass().await?;
            let (name, times) = (path.name, short(ours / raw));
            eprintln!("{name}: pass {number} of {passes}, {times} times the hand-written");
            pairs.push((ours, raw));
        }
        Ok(Self::middle(path, pairs))
    }

    /// The pass in the middle by what is aimed at.
    ///
    /// A disk is slower in one minute than in the next. Within a pass both sides meet the same disk,
    /// so a pass's own ratio says more than a ratio of figures from different passes.
    pub(crate) fn middle(path: Path, mut passes: Vec<(f64, f64)>) -> Self {
        let ratio = |&(ours, raw): &(f64, f64)| ours / raw;
        let aim = |pass: &(f64, f64)| match path.goal {
            Goal::AtMost(_) | Goal::Cost => pass.0,
            Goal::Ratio(_) | Goal::None => ratio(pass),
        };
        let smallest = passes.iter().map(ratio).fold(f64::INFINITY, f64::min);
        let largest = passes.iter().map(ratio).fold(0.0, f64::max);
        passes.sort_by(|left, right| aim(left).total_cmp(&aim(right)));
        let (ours, raw) = passes[passes.len() / 2];
        Self {
            path,
            ours,
            raw: Some(raw),
            spread: Some((smallest, largest)),
            note: None,
        }
    }

    /// Each operation counts as so many.
    pub(crate) fn times(mut self, factor: f64) -> Self {
        self.ours *= factor;
        self.raw = self.raw.map(|raw| raw * factor);
        self
    }

    /// Ours divided by raw, where more is better.
    pub(crate) fn ratio(&self) -> Option<f64> {
        match self.path.goal {
            Goal::AtMost(_) | Goal::Cost => None,
            Goal::Ratio(_) | Goal::None => self.raw.map(|raw| self.ours / raw),
        }
    }

    pub(crate) fn target(&self) -> Option<f64> {
        match self.path.goal {
            Goal::Ratio(target) => Some(target),
            Goal::AtMost(_) | Goal::None | Goal::Cost => None,
        }
    }

    /// Whether the goal is reached, where there is one.
    pub(crate) fn met(&self) -> Option<bool> {
        match self.path.goal {
            Goal::Ratio(target) => self.ratio().map(|ratio| ratio >= target),
            Goal::AtMost(limit) => Some(self.ours <= limit),
            Goal::None | Goal::Cost => None,
        }
    }

    pub(crate) fn json(&self) -> Value {
        let limit = match self.path.goal {
            Goal::AtMost(limit) => Some(limit),
            Goal::Ratio(_) | Goal::None | Goal::Cost => None,
        };
        json!({
            "path": self.path.name,
            "ours": rounded(self.ours),
            "raw": self.raw.map(rounded),
            "ratio": self.ratio().map(rounded),
            "target": self.target(),
            "limit": limit,
            "met": self.met(),
            "unit": self.path.unit,
            "smallest_ratio": self.spread.map(|spread| rounded(spread.0)),
            "largest_ratio": self.spread.map(|spread| rounded(spread.1)),
            "note": self.note,
        })
    }
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
