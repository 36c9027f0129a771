//! ⑥ Which nodes feed the partitions of a view, and which would.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::BoxFuture;
use crate::checkpoint::ClaimRequest;
use crate::store::StoreError;

/// What the nodes of a divided view know of each other, from its store alone.
///
/// A node is alive as long as one of its leases is, which every page renews. One that holds none says
/// that it stands by, and says so again before that runs out.
pub trait ViewNodes: Send + Sync + 'static {
    /// Who holds which partition at this moment, and who stands by.
    ///
    /// Nodes that do not follow every event that the view must see are not among those who stand by.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    fn leases(&self) -> BoxFuture<'_, Result<Leases, StoreError>>;

    /// Lets the others know that a node would take a lease, for as long as the lease would last.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be written.
    fn stand_by<'a>(&'a self, request: ClaimRequest<'a>) -> BoxFuture<'a, Result<(), StoreError>>;

    /// The node stands by no longer. The leases that it holds stay with it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be written.
    fn leave(&self, node: Uuid) -> BoxFuture<'_, Result<(), StoreError>>;
}

/// The leases of a divided view at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Leases {
    /// The lease of each partition, in order; `None` where it was given back or has run out.
    pub partitions: Vec<Option<Lease>>,
    /// The nodes that have said that they stand by, in order; those who hold leases may be among them.
    pub standing_by: Vec<Uuid>,
}

impl Leases {
    /// These leases, and these nodes beside.
    pub fn new(partitions: Vec<Option<Lease>>, mut standing_by: Vec<Uuid>) -> Self {
        standing_by.sort_unstable();
        Self {
            partitions,
            standing_by,
        }
    }
}

/// A partition that a node feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The node.
    pub holder: Uuid,
    /// When the lease runs out unless it is renewed, by this machine's clock.
    pub until: DateTime<Utc>,
}
