//! What a run came to.

use anyhow::Result;
use serde::Serialize;

use crate::check::{Findings, Kind};

/// The numbers of a run; those that must be 0 come after `rebuilds`.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Tally {
    pub(crate) kills: u64,
    pub(crate) pauses: u64,
    /// What a server of its own suffers.
    #[serde(flatten)]
    pub(crate) server: Option<ServerTally>,
    pub(crate) acknowledged: u64,
    /// How many times the subscription handed an event over.
    pub(crate) delivered: u64,
    pub(crate) rebuilds: u64,
    lost: u64,
    doubled: u64,
    reordered: u64,
    view_differences: u64,
    pub(crate) seed: u64,
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct ServerTally {
    pub(crate) crashes: u64,
    /// Connections that the proxies cut.
    pub(crate) cuts: u64,
    /// Dumps that were restored on another server.
    pub(crate) restores: u64,
}

impl Tally {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            ..Self::default()
        }
    }

    pub(crate) fn add(&mut self, findings: &Findings) {
        self.delivered += findings.delivered;
        for (kind, _) in &findings.faults {
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
                server,
                acknowledged,
                delivered,
                rebuilds,
                lost,
                doubled,
                reordered,
                view_differences,
                seed,
            } = self;
            let server = server.as_ref().map_or_else(String::new, |server| {
                let ServerTally {
                    crashes,
                    cuts,
                    restores,
                } = server;
                format!("{crashes} crashes, {cuts} cuts, {restores} restores, ")
            });
            println!(
                "{kills} kills, {pauses} pauses, {server}{acknowledged} commands acknowledged, {delivered} events handed over, {rebuilds} rebuilds: {lost} lost, {doubled} doubled, {reordered} reordered, {view_differences} differences in views (seed {seed})"
            );
        }
        Ok(())
    }
}
