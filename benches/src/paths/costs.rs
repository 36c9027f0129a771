//! What a command costs the server: round trips, and bytes of its write-ahead log.

use anyhow::Result;
use postgres_server::{Database, Proxy};
use sqlx::Connection as _;

use super::commands::Shape;
use crate::bench::Bench;
use crate::engine::{Commands as _, Engine as _, Postgres};
use crate::ours;
use crate::ours::commands::Commands;
use crate::raw::postgres::commands::Commands as RawCommands;
use crate::row::{Goal, Path, Row};
use crate::session::Session;

/// They meet every account, and what is prepared or connected at first.
const WARM_UP: u64 = 20;
/// Few, since round trips are counted and not timed.
const COMMANDS: u64 = 50;

/// A row of the table.
pub(crate) enum Cost {
    RoundTrips(Path, Shape),
    WriteAheadLog(Path, Shape),
}

pub(crate) const ALL: [Cost; 5] = [
    Cost::RoundTrips(
        trips("round trips of a creating command", 1.0),
        Shape::opening(1),
    ),
    Cost::RoundTrips(trips("round trips of a warm command", 1.0), WARM),
    Cost::RoundTrips(trips("round trips of a cold command", 2.0), COLD),
    Cost::WriteAheadLog(
        log("write-ahead log of a command, 1 at a time"),
        Shape::opening(1),
    ),
    Cost::WriteAheadLog(
        log("write-ahead log of a command, 32 concurrent"),
        Shape::opening(32),
    ),
];

const WARM: Shape = Shape {
    tasks: 1,
    accounts: 16,
};

/// Each account is met once; with more than one task the hand-written side loads, in a transaction.
const COLD: Shape = Shape {
    tasks: 2,
    accounts: WARM_UP + COMMANDS,
};

const fn trips(name: &'static str, limit: f64) -> Path {
    Path {
        name,
        unit: "round trips",
        goal: Goal::AtMost(limit),
    }
}

const fn log(name: &'static str) -> Path {
    Path {
        name,
        unit: "bytes",
        goal: Goal::Cost,
    }
}

impl Cost {
    pub(crate) fn path(&self) -> Path {
        match self {
            Self::RoundTrips(path, _) | Self::WriteAheadLog(path, _) => *path,
        }
    }

    pub(crate) async fn measure(&self, bench: &Bench) -> Result<Row> {
        let (path, (ours, raw)) = match *self {
            Self::RoundTrips(path, shape) => (path, round_trips(bench, shape).await?),
            Self::WriteAheadLog(path, shape) => (path, write_ahead_log(bench, shape).await?),
        };
        Ok(Row {
            path,
            ours,
            raw: Some(raw),
            spread: None,
            note: None,
        })
    }
}

/// Only what is counted goes by way of the proxies.
async fn round_trips(bench: &Bench, shape: Shape) -> Result<(f64, f64)> {
    let engine = Postgres(bench);
    let (ours, raw) = (engine.create("ours").await?, engine.create("raw").await?);
    ours::log::fill(ours.url(), shape.before()).await?;
    Postgres::fill(raw.url(), shape.before()).await?;
    let (our_proxy, raw_proxy) = (Proxy::start(&ours).await?, Proxy::start(&raw).await?);
    let our_side = Commands::open_filled(shape, &our_proxy.url()?).await?;
    let raw_side = RawCommands::open_filled(shape, &raw_proxy.url()?);
    let our_trips = trips_of(&our_side.session, &our_proxy).await?;
    let raw_trips = trips_of(raw_side.session(), &raw_proxy).await?;
    our_side.verify_at(ours.url()).await?;
    raw_side.verify_at(raw.url()).await?;
    Ok((our_trips, raw_trips))
}

/// How often a command waits for the server.
async fn trips_of(session: &Session, proxy: &Proxy) -> Result<f64> {
    session.repeat(WARM_UP).await?;
    let before = proxy.round_trips();
    session.repeat(COMMANDS).await?;
    Ok((proxy.round_trips() - before) as f64 / COMMANDS as f64)
}

async fn write_ahead_log(bench: &Bench, shape: Shape) -> Result<(f64, f64)> {
    let engine = Postgres(bench);
    let (ours, raw) = (engine.create("ours").await?, engine.create("raw").await?);
    let our_side = Commands::open(shape, ours.url()).await?;
    let raw_side = Postgres::commands(raw.url(), shape).await?;
    let our_bytes = bytes_of(bench, &our_side.session, &ours).await?;
    let raw_bytes = bytes_of(bench, raw_side.session(), &raw).await?;
    our_side.verify().await?;
    raw_side.verify().await?;
    Ok((our_bytes, raw_bytes))
}

/// What a command adds to the write-ahead log, once each page was written since the last checkpoint.
async fn bytes_of(bench: &Bench, session: &Session, database: &Database) -> Result<f64> {
    session.run(bench.time, 0).await?;
    let (before, commands) = (written(database).await?, session.operations());
    session.run(bench.time, 0).await?;
    let bytes = written(database).await? - before;
    Ok(bytes / (session.operations() - commands) as f64)
}

async fn written(database: &Database) -> Result<f64> {
    let mut connection = database.connect().await?;
    let sql = include_str!("sql/read_written.sql");
    let bytes = sqlx::query_scalar(sql).fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(bytes)
}
