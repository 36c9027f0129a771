//! ⑥ Which nodes feed a view in memory.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{MemoryView, Table, lock};
use crate::BoxFuture;
use crate::checkpoint::ClaimRequest;
use crate::store::StoreError;
use crate::view::{Lease, Leases, ViewNodes};

/// The nodes that stand by.
pub(super) type Standbys = BTreeMap<Uuid, Standby>;

/// A node that would take a lease.
#[derive(Debug)]
pub(super) struct Standby {
    until: DateTime<Utc>,
    events: Vec<String>,
}

impl Table {
    fn leases(&self, now: DateTime<Utc>) -> Leases {
        let lease = |lease: Option<(Uuid, DateTime<Utc>)>| {
            let (holder, until) = lease?;
            (until > now).then_some(Lease { holder, until })
        };
        let partitions = self.partitions.iter().map(|part| lease(part.lease));
        let standing = self.standbys.iter().filter(|(_, standby)| {
            let events: Vec<&str> = standby.events.iter().map(String::as_str).collect();
            standby.until > now && self.lacking(&events).is_empty()
        });
        let standing = standing.map(|(node, _)| *node);
        Leases::new(partitions.collect(), standing.collect())
    }
}

impl ViewNodes for MemoryView {
    fn leases(&self) -> BoxFuture<'_, Result<Leases, StoreError>> {
        let leases = lock(&self.table).leases(crate::time::now());
        Box::pin(std::future::ready(Ok(leases)))
    }

    fn stand_by<'a>(&'a self, request: ClaimRequest<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        let now = crate::time::now();
        let standby = Standby {
            until: now + request.lease,
            events: request.events.iter().map(ToString::to_string).collect(),
        };
        let mut table = lock(&self.table);
        table.standbys.retain(|_, standby| standby.until > now);
        table.standbys.insert(request.holder, standby);
        Box::pin(std::future::ready(Ok(())))
    }

    fn leave(&self, node: Uuid) -> BoxFuture<'_, Result<(), StoreError>> {
        lock(&self.table).standbys.remove(&node);
        Box::pin(std::future::ready(Ok(())))
    }
}
