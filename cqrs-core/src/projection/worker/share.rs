//! ⑥ How the nodes of a divided view share its partitions: each decides for itself, from a look at the leases.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use crate::view::Leases;

/// For how many leases a node keeps what nobody else took, unless a node comes or goes.
const ADOPTED_FOR: u32 = 10;

/// What the worker of a partition has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// To take the lease, or to keep it.
    Feed,
    /// To leave it to another node.
    Wait,
    /// To give it back, for another node has too few.
    GiveBack,
}

/// What a node remembers from one look to the next.
#[derive(Debug)]
pub(super) struct Sharing {
    node: Uuid,
    lease: Duration,
    /// The nodes that were alive at the last look.
    nodes: Vec<Uuid>,
    partitions: Vec<Seen>,
}

/// What is remembered of a partition.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// Since when nobody holds it.
    free: Option<Instant>,
    adoption: Adoption,
}

/// Whether a partition is beyond this node's share, and stays here since nobody else took it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Adoption {
    #[default]
    None,
    /// The worker was told to try.
    Tried,
    Since(Instant),
}

impl Sharing {
    pub(super) fn new(node: Uuid, lease: Duration, partitions: usize) -> Self {
        Self {
            node,
            lease,
            nodes: Vec::new(),
            partitions: vec![Seen::default(); partitions],
        }
    }

    /// What each worker has to do; `able` says which of them have not stopped.
    pub(super) fn turns(&mut self, leases: &Leases, able: &[bool], now: Instant) -> Vec<Turn> {
        let held = self.held(leases);
        self.remember(leases, held.keys().copied().collect(), now);
        let shares = shares(&held, leases.partitions.len());
        let dealt = self.dealt(leases, &held, &shares);
        let returned = self.returned(leases, &held, &shares, now);
        let mut turns = Vec::with_capacity(leases.partitions.len());
        for (index, lease) in leases.partitions.iter().enumerate() {
            turns.push(match lease {
                Some(lease) if lease.holder != self.node => Turn::Wait,
                Some(_) if returned.contains(&index) => Turn::GiveBack,
                Some(_) => Turn::Feed,
                None if !able[index] => Turn::Wait,
                None if dealt.contains(&index) => {
                    self.partitions[index].adoption = Adoption::None;
                    Turn::Feed
                }
                None => self.adopt(index, now),
            });
        }
        turns
    }

    /// How many partitions each node holds that is alive.
    fn held(&self, leases: &Leases) -> BTreeMap<Uuid, usize> {
        let nodes = leases.standing_by.iter().copied().chain([self.node]);
        let mut held: BTreeMap<Uuid, usize> = nodes.map(|node| (node, 0)).collect();
        for lease in leases.partitions.iter().flatten() {
            *held.entry(lease.holder).or_default() += 1;
        }
        held
    }

    fn remember(&mut self, leases: &Leases, nodes: Vec<Uuid>, now: Instant) {
        let changed = self.nodes != nodes;
        self.nodes = nodes;
        for (seen, lease) in self.partitions.iter_mut().zip(&leases.partitions) {
            seen.free = match lease {
                Some(_) => None,
                None => seen.free.or(Some(now)),
            };
            let is_own = lease.is_some_and(|lease| lease.holder == self.node);
            seen.adoption = match seen.adoption {
                _ if changed => Adoption::None,
                Adoption::Tried if is_own => Adoption::Since(now),
                Adoption::Since(then) if now - then >= self.lease * ADOPTED_FOR => Adoption::None,
                Adoption::Since(_) if !is_own => Adoption::None,
                Adoption::Tried if lease.is_some() => Adoption::None,
                adoption => adoption,
            };
        }
    }

    /// The free partitions that are this node's to take: all nodes deal them out alike, so that none
    /// goes for what another one goes for.
    fn dealt(
        &self,
        leases: &Leases,
        held: &BTreeMap<Uuid, usize>,
        shares: &BTreeMap<Uuid, usize>,
    ) -> Vec<usize> {
        let lacking = |node: &Uuid| shares[node].saturating_sub(held[node]);
        let before: usize = held
            .keys()
            .take_while(|node| **node < self.node)
            .map(lacking)
            .sum();
        let free = leases.partitions.iter().enumerate();
        let free = free.filter(|(_, lease)| lease.is_none());
        let own = free.skip(before).take(lacking(&self.node));
        own.map(|(index, _)| index).collect()
    }

    /// The partitions beyond this node's share.
    fn returned(
        &self,
        leases: &Leases,
        held: &BTreeMap<Uuid, usize>,
        shares: &BTreeMap<Uuid, usize>,
        now: Instant,
    ) -> Vec<usize> {
        let since = |seen: &Seen| match seen.adoption {
            Adoption::Since(then) => Some(then),
            _ => None,
        };
        let mut adopted = self.partitions.iter().filter_map(since);
        // Somebody has just not taken what was given back.
        if adopted.any(|then| now - then < self.lease) {
            return Vec::new();
        }
        let own = leases.partitions.iter().enumerate().rev();
        let own = own.filter(|(_, lease)| lease.is_some_and(|lease| lease.holder == self.node));
        let own = own.filter(|(index, _)| since(&self.partitions[*index]).is_none());
        let beyond = held[&self.node].saturating_sub(shares[&self.node]);
        own.take(beyond).map(|(index, _)| index).collect()
    }

    /// What is another node's to take, and is not taken for long, is better fed here.
    fn adopt(&mut self, index: usize, now: Instant) -> Turn {
        let (seen, patience) = (&mut self.partitions[index], self.lease / 2);
        match seen.free {
            Some(since) if now - since >= patience => {
                seen.adoption = Adoption::Tried;
                Turn::Feed
            }
            _ => Turn::Wait,
        }
    }
}

/// How many partitions each node shall hold: as many as the others, or one more. Those that hold most
/// have the ones more, so that as few as possible move.
fn shares(held: &BTreeMap<Uuid, usize>, partitions: usize) -> BTreeMap<Uuid, usize> {
    let mut nodes: Vec<(Reverse<usize>, Uuid)> = held
        .iter()
        .map(|(node, held)| (Reverse(*held), *node))
        .collect();
    nodes.sort_unstable();
    let (each, more) = (partitions / nodes.len(), partitions % nodes.len());
    let shares = nodes.into_iter().enumerate();
    shares
        .map(|(rank, (_, node))| (node, each + usize::from(rank < more)))
        .collect()
}

#[cfg(test)]
mod tests;
