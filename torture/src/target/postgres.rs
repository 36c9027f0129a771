//! A Postgres server of its own, with a new database for each round: its connections are cut, it is
//! crashed, and its database goes to another server in the middle.

mod database;
mod spare;
mod unrelated;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use fastrand::Rng;
use postgres_server::{Cluster, Cut, Proxy};
use tokio::runtime::Runtime;

use self::spare::Spare;
use self::unrelated::Unrelated;
use super::{Shape, Struck, Target};
use crate::arguments::Role;
use crate::tally::{ServerTally, Tally};
use crate::without::Mechanism;

const SHAPE: Shape = Shape {
    round: 8000..16_000,
    strikes: 100..300,
    lease: Duration::from_millis(400),
    page: 32,
    crew: &[
        Role::Writer,
        Role::Writer,
        Role::Writer,
        Role::Writer,
        Role::Projection,
        Role::Projection,
        Role::Reader,
    ],
    eyes: &[
        Role::Writer,
        Role::Rebuilder,
        Role::Projection,
        Role::Reader,
        Role::Reader,
    ],
    poll: Duration::from_millis(30),
    streams: 4,
    applications: 3,
};

/// Where a mechanism is missing, its fault is there soon, and the end of the round shows it.
const SHORT: Shape = Shape {
    round: 4000..8000,
    ..SHAPE
};

pub(crate) struct PostgresServer {
    without: Option<Mechanism>,
    writers: Proxy,
    followers: Proxy,
    unrelated: Unrelated,
    cluster: Cluster,
    spare: Spare,
    until_crash: Countdown,
    until_move: Countdown,
    rounds: u64,
    /// The proxies run in it, so it goes last.
    runtime: Runtime,
}

impl PostgresServer {
    pub(crate) fn start(without: Option<Mechanism>) -> Result<Self> {
        // A run without a mechanism is soon over, and a move neither hides nor shows what it finds.
        let spare = match without {
            None => Spare::begin(),
            Some(_) => Spare::Never,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let cluster = Cluster::start()?;
        let writers = runtime.block_on(Proxy::before(cluster.url()))?;
        let followers = runtime.block_on(Proxy::before(cluster.url()))?;
        Ok(Self {
            without,
            writers,
            followers,
            unrelated: Unrelated::default(),
            cluster,
            spare,
            until_crash: Countdown::default(),
            until_move: Countdown::default(),
            rounds: 0,
            runtime,
        })
    }

    fn name(&self) -> String {
        format!("torture_{}", self.rounds)
    }

    /// The database's own address, past the proxies.
    fn url(&self) -> String {
        database::url(&self.cluster, &self.name())
    }

    fn cut_off(&self, tally: &mut Tally) {
        self.writers.cut_all();
        self.followers.cut_all();
        self.count_cuts(tally);
    }

    fn count_cuts(&self, tally: &mut Tally) {
        counts(tally).cuts = self.writers.cuts() + self.followers.cuts();
    }

    fn crash(&mut self, tally: &mut Tally) -> Result<Struck> {
        if !self.cluster.is_ready() {
            return Ok(Struck::Nothing);
        }
        self.cluster.crash()?;
        counts(tally).crashes += 1;
        Ok(Struck::Store)
    }

    /// Ends whatever the killed children's connections still do: it may commit after a look.
    fn rest(&mut self) -> Result<()> {
        self.unrelated.end();
        self.cluster.wait_until_ready()?;
        self.runtime.block_on(database::end_sessions(&self.url()))
    }
}

/// Strikes until the next one of a kind that each run must have.
#[derive(Default)]
struct Countdown(Option<u32>);

impl Countdown {
    fn is_over(&mut self, rng: &mut Rng) -> bool {
        let left = self.0.unwrap_or_else(|| rng.u32(10..35));
        self.0 = left.checked_sub(1);
        left == 0
    }
}

fn counts(tally: &mut Tally) -> &mut ServerTally {
    tally.server.get_or_insert_default()
}

impl Target for PostgresServer {
    fn shape(&self) -> &'static Shape {
        match self.without {
            None => &SHAPE,
            Some(_) => &SHORT,
        }
    }

    fn begin(&mut self) -> Result<()> {
        self.cluster.wait_until_ready()?;
        self.rounds += 1;
        let (server, name, url) = (self.cluster.url(), self.name(), self.url());
        self.runtime.block_on(async {
            database::create(server, &name).await?;
            database::prepare(&url, self.without).await
        })?;
        self.unrelated.begin(&self.runtime, &url);
        Ok(())
    }

    fn address(&self, role: Role) -> Result<String> {
        let proxy = match role {
            Role::Writer => &self.writers,
            _ => &self.followers,
        };
        proxy.url_of(&self.url())
    }

    fn record(&self) -> PathBuf {
        // There it goes with the server, however the program ends.
        self.cluster
            .folder()
            .join(format!("{}.record", self.name()))
    }

    fn strike(&mut self, rng: &mut Rng, tally: &mut Tally) -> Result<Struck> {
        if self.until_crash.is_over(rng) {
            return self.crash(tally);
        }
        if self.spare.is_ready() && self.until_move.is_over(rng) {
            return Ok(Struck::Leaving);
        }
        match rng.u8(..100) {
            0..25 => self.writers.cut_next(Cut::AfterTheCommit),
            25..32 => self.writers.cut_next(Cut::BeforeTheServer),
            32..44 => self.followers.cut_next(Cut::AfterTheCommit),
            44..47 => self.followers.cut_next(Cut::BeforeTheServer),
            47..50 => self.cut_off(tally),
            _ => return Ok(Struck::Nothing),
        }
        Ok(Struck::Store)
    }

    fn move_on(&mut self, tally: &mut Tally) -> Result<()> {
        let Some(other) = self.spare.take()? else {
            return Ok(());
        };
        self.rest()?;
        self.cluster.copy_database(&self.name(), &other)?;
        let record = self.record();
        self.writers.lead_to(other.url())?;
        self.followers.lead_to(other.url())?;
        let _before = std::mem::replace(&mut self.cluster, other);
        if record.exists() {
            std::fs::copy(record, self.record())?;
        }
        self.unrelated.begin(&self.runtime, &self.url());
        counts(tally).restores += 1;
        self.spare = Spare::begin();
        Ok(())
    }

    fn settle(&mut self, tally: &mut Tally) -> Result<String> {
        self.count_cuts(tally);
        self.rest()?;
        Ok(self.url())
    }

    fn keep(&mut self) -> Result<()> {
        let folder = tempfile::Builder::new().prefix("cqrs-torture-").tempdir()?;
        let folder = folder.keep();
        let dump = folder.join("torture.sql");
        self.cluster.dump_database(&self.name(), &dump)?;
        let record = self.record();
        if record.exists() {
            std::fs::copy(record, folder.join("record"))?;
        }
        eprintln!("a dump of the database stays in {}", folder.display());
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        let name = self.name();
        let dropped = database::drop(self.cluster.url(), &name);
        self.runtime.block_on(dropped)?;
        if self.record().exists() {
            std::fs::remove_file(self.record())?;
        }
        Ok(())
    }
}
