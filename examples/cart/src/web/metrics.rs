//! `/metrics`: figures of commands, projections and requests, for Prometheus.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cqrs::BoxFuture;
use cqrs::health::{FollowerHealth, LogHealth};
use cqrs::hook::{CommandContext, CommandHook, CommandOutcome};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::{PageError, Shop};
use crate::system::STATES;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Command {
    category: String,
    command: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Follower {
    projection: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FollowerState {
    projection: &'static str,
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    projection: &'static str,
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

type Timings<L> = Family<L, Histogram, fn() -> Histogram>;

/// All figures. Cheap to clone; the clones count together.
#[derive(Clone, Debug)]
pub(super) struct Metrics {
    registry: Arc<Registry>,
    commands: Family<Command, Counter>,
    command_seconds: Timings<Command>,
    requests: Family<Answer, Counter>,
    request_seconds: Timings<Route>,
    log: Log,
    followers: Followers,
}

/// Where the log ends and who holds that back, set whenever somebody asks.
#[derive(Clone, Debug, Default)]
struct Log {
    readable: Gauge,
    head: Gauge,
    mark_behind: Gauge,
    mark_held_seconds: Gauge,
}

/// Where projections and subscriptions stand, set whenever somebody asks.
#[derive(Clone, Debug, Default)]
struct Followers {
    position: Family<Follower, Gauge>,
    lag: Family<Follower, Gauge>,
    dead_letters: Family<Follower, Gauge>,
    events: Family<Follower, Counter>,
    skipped: Family<Follower, Counter>,
    behind_seconds: Family<Follower, Gauge>,
    state: Family<FollowerState, Gauge>,
    standstill: Family<Reason, Gauge>,
}

fn figure(figure: u64) -> i64 {
    i64::try_from(figure).unwrap_or(i64::MAX)
}

/// From half a millisecond to a second.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.0005, 2.0, 12))
}

fn timings<L: Clone + std::hash::Hash + Eq>() -> Timings<L> {
    Family::new_with_constructor(seconds)
}

impl Metrics {
    pub(super) fn new() -> Self {
        let mut metrics = Self {
            registry: Arc::default(),
            commands: Family::default(),
            command_seconds: timings(),
            requests: Family::default(),
            request_seconds: timings(),
            log: Log::default(),
            followers: Followers::default(),
        };
        metrics.registry = Arc::new(metrics.registered());
        metrics
    }

    fn registered(&self) -> Registry {
        let mut registry = Registry::default();
        let cqrs = registry.sub_registry_with_prefix("cqrs");
        cqrs.register(
            "commands",
            "Commands, by name and outcome",
            self.commands.clone(),
        );
        let seconds = "How long commands took, in seconds";
        cqrs.register("command_seconds", seconds, self.command_seconds.clone());
        self.log.register(cqrs);
        self.followers.register(cqrs);
        let http = registry.sub_registry_with_prefix("http");
        http.register(
            "requests",
            "Requests, by route and status",
            self.requests.clone(),
        );
        let seconds = "How long requests took, in seconds";
        http.register("request_seconds", seconds, self.request_seconds.clone());
        registry
    }

    fn request(&self, answer: Answer, begun: Instant) {
        let route = Route {
            route: answer.route.clone(),
        };
        self.requests.get_or_create(&answer).inc();
        let seconds = begun.elapsed().as_secs_f64();
        self.request_seconds.get_or_create(&route).observe(seconds);
    }
}

impl Log {
    fn register(&self, registry: &mut Registry) {
        let readable = "1 where the log can be read";
        registry.register("log_readable", readable, self.readable.clone());
        let head = "Where the log ends";
        registry.register("log_head", head, self.head.clone());
        let behind = "Positions that are drawn and not final yet";
        registry.register("log_mark_behind", behind, self.mark_behind.clone());
        let held = "For how long the oldest transaction holds back the end of the log";
        let held_seconds = self.mark_held_seconds.clone();
        registry.register("log_mark_held_seconds", held, held_seconds);
    }

    /// Of a log that cannot be read, what was seen last stays.
    fn set(&self, log: &LogHealth) {
        self.readable.set(i64::from(log.head.is_ok()));
        if let Ok(head) = &log.head {
            self.head.set(figure(head.position.get()));
        }
        if let Some(mark) = &log.mark {
            self.mark_behind.set(figure(mark.behind()));
            let held = mark.holder.as_ref().and_then(|holder| holder.held_for());
            let seconds = held.map_or(0, |held| held.as_secs());
            self.mark_held_seconds.set(figure(seconds));
        }
    }
}

impl Followers {
    fn register(&self, registry: &mut Registry) {
        let position = "Every event up to here was taken";
        registry.register("projection_position", position, self.position.clone());
        let lag = "How many positions the log is ahead";
        registry.register("projection_lag", lag, self.lag.clone());
        let letters = "Dead letters that wait";
        registry.register(
            "projection_dead_letters",
            letters,
            self.dead_letters.clone(),
        );
        let events = "Events taken since the start of this process";
        registry.register("projection_events", events, self.events.clone());
        let skipped = "Updates that found no row, since the start of this process";
        registry.register("projection_skipped", skipped, self.skipped.clone());
        let state = "1 for the state that it is in";
        registry.register("projection_state", state, self.state.clone());
        let behind = "How long ago the first event was recorded that it lacks";
        let behind_seconds = self.behind_seconds.clone();
        registry.register("projection_behind_seconds", behind, behind_seconds);
        let standstill = "1 for the reason why this process does not move it on";
        registry.register("projection_standstill", standstill, self.standstill.clone());
    }

    fn set_all<'h>(&self, followers: impl Iterator<Item = &'h FollowerHealth>) {
        self.standstill.clear();
        for follower in followers {
            self.set(follower);
        }
    }

    fn set(&self, health: &FollowerHealth) {
        let status = &health.status;
        let projection = status.name;
        let follower = Follower { projection };
        self.position
            .get_or_create(&follower)
            .set(figure(status.position.get()));
        self.lag.get_or_create(&follower).set(figure(status.lag()));
        self.dead_letters
            .get_or_create(&follower)
            .set(figure(status.dead_letters));
        let events = self.events.get_or_create(&follower);
        events.inner().store(status.events, Ordering::Relaxed);
        drop(events);
        let skipped = self.skipped.get_or_create(&follower);
        skipped.inner().store(status.skipped, Ordering::Relaxed);
        let behind = health.behind.map_or(0, |behind| behind.as_secs());
        self.behind_seconds
            .get_or_create(&follower)
            .set(figure(behind));
        if let Some(standstill) = &health.standstill {
            let reason = standstill.as_str();
            let labels = Reason { projection, reason };
            self.standstill.get_or_create(&labels).set(1);
        }
        let present = crate::system::state_name(&status.state);
        for state in STATES {
            let labels = FollowerState { projection, state };
            self.state
                .get_or_create(&labels)
                .set(i64::from(state == present));
        }
    }
}

/// Counts commands where the framework says how they ended.
impl CommandHook for Metrics {
    fn after<'a>(
        &'a self,
        context: &'a CommandContext<'_>,
        outcome: &'a CommandOutcome<'_>,
    ) -> BoxFuture<'a, ()> {
        let labels = Command {
            category: context.stream().category().to_owned(),
            command: context.name(),
            outcome: outcome.result.as_str(),
        };
        self.commands.get_or_create(&labels).inc();
        let seconds = outcome.duration.as_secs_f64();
        self.command_seconds.get_or_create(&labels).observe(seconds);
        Box::pin(std::future::ready(()))
    }
}

/// Counts requests by the route that they matched, so that no visitor can make new labels.
pub(super) async fn count(State(shop): State<Shop>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let matched = request.extensions().get::<MatchedPath>();
    let route = matched
        .map_or("none", |matched| matched.as_str())
        .to_owned();
    let method = match request.method().as_str() {
        method @ ("GET" | "HEAD" | "POST") => method,
        _ => "other",
    };
    let method = method.to_owned();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let answer = Answer {
        method,
        route,
        status,
    };
    shop.metrics().request(answer, begun);
    response
}

/// `/metrics`.
pub(super) async fn metrics(State(shop): State<Shop>) -> Result<Response, PageError> {
    let metrics = shop.metrics();
    let health = shop.app().health().await;
    metrics.log.set(&health.log);
    let followers = health.projections.iter().chain(&health.subscriptions);
    metrics.followers.set_all(followers);
    let mut text = String::new();
    encode(&mut text, &metrics.registry).map_err(|error| PageError::failed(&error))?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}
