//! How much one visitor may ask for, and how long an answer may take.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use tower_governor::governor::{GovernorConfig, GovernorConfigBuilder};
use tower_governor::key_extractor::KeyExtractor;
use tower_governor::{GovernorError, GovernorLayer};

/// The largest form, in bytes.
pub(super) const LARGEST_BODY: usize = 64 * 1024;

/// The longest that a request waits for its answer; a view that lags is waited for.
pub(super) const LONGEST_ANSWER: Duration = Duration::from_secs(20);

/// A page and what it leads to come at once, so a few seconds' worth may.
const BURST_SECONDS: u32 = 4;

/// How often addresses that were quiet are forgotten.
const FORGET: Duration = Duration::from_secs(60);

type NoHeaders = governor::middleware::NoOpMiddleware<governor::clock::QuantaInstant>;

/// Counts requests by the address that they come from.
#[derive(Clone, Debug)]
pub(super) struct Peer;

impl KeyExtractor for Peer {
    type Key = IpAddr;

    fn extract<T>(&self, request: &Request<T>) -> Result<IpAddr, GovernorError> {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        // Without a network there is one visitor.
        Ok(peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.ip()))
    }
}

pub(super) type Limit = Arc<GovernorConfig<Peer, NoHeaders>>;

/// So many requests a second from one address.
pub(super) fn limit(per_second: NonZeroU32) -> Option<Limit> {
    let period = Duration::from_secs(1) / per_second.get();
    let burst = per_second.get().saturating_mul(BURST_SECONDS);
    let mut builder = GovernorConfigBuilder::default().key_extractor(Peer);
    builder
        .period(period)
        .burst_size(burst)
        .finish()
        .map(Arc::new)
}

pub(super) fn layer(limit: &Limit) -> GovernorLayer<Peer, NoHeaders, Body> {
    GovernorLayer::new(Arc::clone(limit))
}

/// Keeps the memory of past visitors bounded, for as long as it is awaited.
pub(super) async fn forget(limit: Limit) {
    let mut minute = tokio::time::interval(FORGET);
    loop {
        minute.tick().await;
        limit.limiter().retain_recent();
    }
}
