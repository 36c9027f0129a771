//! What a long log costs: the framework with ten million events stored beside itself with almost none.

use anyhow::Result;
use cqrs::{App, Open as _};
use postgres_server::Database;
use sqlx::Executor as _;
use sqlx::postgres::PgConnection;

use super::commands::UNIT;
use super::load;
use crate::bench::Bench;
use crate::engine::{Engine as _, Postgres};
use crate::ours;
use crate::row::{Goal, Path, Row};
use crate::session::{Session, in_turn};
use crate::workload::{self, Tally};

const EVENTS: i64 = 10_000_000;
/// So many at a time are filled in.
const PART: i64 = 1_000_000;
/// How many a view is behind.
const BEHIND: u64 = 50_000;
/// Accounts whom nothing else here asks for.
const NEW_ACCOUNTS: u64 = 1 << 32;

pub(crate) const ALL: [Path; 4] = [CATCH_UP, CONCURRENT, CREATING, LOAD];

const CATCH_UP: Path = path("catch-up behind 10 million events", "events/s");
const CONCURRENT: Path = path("commands, 32 concurrent, 10 million stored", UNIT);
const CREATING: Path = path("commands, 1 at a time, 10 million stored", UNIT);
const LOAD: Path = path("load of 10,000 events, 10 million stored", "events/s");

const fn path(name: &'static str, unit: &'static str) -> Path {
    Path {
        name,
        unit,
        goal: Goal::Ratio(0.9),
    }
}

/// A log that is long and one that is not, in which there is otherwise the same.
struct Logs {
    long: Database,
    short: Database,
}

pub(crate) async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let logs = Logs::fill(bench).await?;
    let mut rows = vec![
        catch_up(bench, &logs).await?,
        commands(bench, CONCURRENT, 32, &logs).await?,
        commands(bench, CREATING, 1, &logs).await?,
        load(bench, &logs).await?,
    ];
    for row in &mut rows {
        row.note = Some("raw is the framework with none stored".to_owned());
    }
    Ok(rows)
}

impl Logs {
    async fn fill(bench: &Bench) -> Result<Self> {
        let logs = Self {
            long: Database::create().await?,
            short: Database::create().await?,
        };
        for database in [&logs.long, &logs.short] {
            ours::log::fill(database.url(), workload::long_stream(load::EVENTS)).await?;
        }
        fill(&mut logs.long.connect().await?).await?;
        for database in [&logs.long, &logs.short] {
            // The view goes by what is not its own.
            let app = ours::catch_up::catch_up(database.url()).await?;
            app.shutdown().await;
            Postgres(bench).settle(database).await?;
        }
        Ok(logs)
    }
}

/// Events past the append function, which would take as long as that many commands do.
async fn fill(owner: &mut PgConnection) -> Result<()> {
    let mut filled = load::EVENTS as i64;
    while filled < EVENTS {
        let part = PART.min(EVENTS - filled);
        sqlx::query(include_str!("sql/fill_events.sql"))
            .bind(filled)
            .bind(part)
            .execute(&mut *owner)
            .await?;
        filled += part;
        eprintln!("{filled} events are stored");
    }
    owner.execute(include_str!("sql/fill_streams.sql")).await?;
    owner.execute(include_str!("sql/set_position.sql")).await?;
    Ok(())
}

/// From where the view stands to the end, which is the same way in both.
async fn catch_up(bench: &Bench, logs: &Logs) -> Result<Row> {
    let mut pass = 0;
    let measure = async || {
        pass += 1;
        let first = NEW_ACCOUNTS * (pass + 1);
        let mut rates = Vec::new();
        for database in [&logs.long, &logs.short] {
            ours::log::fill(database.url(), workload::log_of(first, BEHIND)).await?;
            let view = view_after(pass);
            rates.push(ours::catch_up::pass(database.url(), BEHIND, view).await?);
        }
        Ok((rates[0], rates[1]))
    };
    Row::measure(CATCH_UP, bench.passes, measure).await
}

/// What the view holds after so many passes.
fn view_after(passes: u64) -> Tally {
    let first = Tally {
        count: 1,
        balance: workload::long_stream_balance(load::EVENTS),
    };
    (1..=passes).fold(first, |sum, pass| {
        let more = workload::view_of(NEW_ACCOUNTS * (pass + 1), BEHIND);
        Tally {
            count: sum.count + more.count,
            balance: sum.balance + more.balance,
        }
    })
}

async fn commands(bench: &Bench, path: Path, tasks: u64, logs: &Logs) -> Result<Row> {
    let (long, long_app) = opening(logs.long.url(), tasks).await?;
    let (short, short_app) = opening(logs.short.url(), tasks).await?;
    let pass = async || in_turn(bench, 0, &long, &short).await;
    let row = Row::measure(path, bench.passes, pass).await;
    long_app.shutdown().await;
    short_app.shutdown().await;
    row
}

/// Opens accounts for ever.
async fn opening(url: &str, tasks: u64) -> Result<(Session, App)> {
    let app = App::open(url).await?;
    let first = app.head().await?.position.get();
    let session = Session::new(tasks, {
        let app = app.clone();
        move |number| {
            let (app, command) = (app.clone(), workload::open(first + number));
            async move {
                std::hint::black_box(app.execute(command).await?);
                Ok(())
            }
        }
    });
    Ok((session, app))
}

async fn load(bench: &Bench, logs: &Logs) -> Result<Row> {
    let long = ours::load::open(load::EVENTS, logs.long.url()).await?;
    let short = ours::load::open(load::EVENTS, logs.short.url()).await?;
    let pass = async || in_turn(bench, load::WARM_UP, &long, &short).await;
    let loads = Row::measure(LOAD, bench.passes, pass).await?;
    Ok(loads.times(load::EVENTS as f64))
}
