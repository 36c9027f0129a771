//! What a run came to.

use anyhow::Result;
use serde::Serialize;

use crate::check::{Findings, Kind};

/// The numbers of a run; those that must be 0 come after `rebuilds`.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Tally {
    pub(crate) kills: u64,
    pub(crate) pauses: u64,
    pub(crate) acknowledged: u64,
    pub(crate) rebuilds: u64,
    lost: u64,
    doubled: u64,
    reordered: u64,
    view_differences: u64,
    pub(crate) seed: u64,
}

impl Tally {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            ..Self::default()
        }
    }

    pub(crate) fn add(&mut self, findings: &Findings) {
        for (kind, _) in &findings.0 {
            *match kind {
                Kind::Lost => &mut self.lost,
                Kind::Doubled => &mut self.doubled,
                Kind::Reordered => &mut self.reordered,
                Kind::View => &mut self.view_differences,
            } += 1;
        }
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.lost + self.doubled + self.reordered + self.view_differences == 0
    }

    pub(crate) fn print(&self, json: bool) -> Result<()> {
        if json {
            println!("{}", serde_json::to_string(self)?);
        } else {
            let Self {
                kills,
                pauses,
                acknowledged,
                rebuilds,
                lost,
                doubled,
                reordered,
                view_differences,
                seed,
            } = self;
            println!(
                "{kills} kills, {pauses} pauses, {acknowledged} commands acknowledged, {rebuilds} rebuilds: {lost} lost, {doubled} doubled, {reordered} reordered, {view_differences} differences in views (seed {seed})"
            );
        }
        Ok(())
    }
}
