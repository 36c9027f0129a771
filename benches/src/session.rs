//! One side at work: an operation repeated on one or many tasks, and both sides in turn.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::JoinSet;

use crate::bench::Bench;

/// The sides take turns within a pass, so short that a noisy moment meets both.
const TURN: Duration = Duration::from_millis(50);

type Operation = dyn Fn(u64) -> Pin<Box<dyn Future<Output = Result<()>> + Send>> + Send + Sync;

/// What one side does again and again, each time with a number of its own.
#[derive(Clone)]
pub(crate) struct Session {
    tasks: u64,
    next: Arc<AtomicU64>,
    operation: Arc<Operation>,
}

/// What was done in which time.
#[derive(Default)]
pub(crate) struct Done {
    operations: u64,
    elapsed: Duration,
}

/// Operations a second of ours and of the hand-written side, after a warm-up of both.
pub(crate) async fn in_turn(
    bench: &Bench,
    warm_up: u64,
    ours: &Session,
    raw: &Session,
) -> Result<(f64, f64)> {
    ours.run(bench.warm_up, warm_up).await?;
    raw.run(bench.warm_up, warm_up).await?;
    let (mut our_work, mut raw_work) = (Done::default(), Done::default());
    while our_work.elapsed < bench.time || raw_work.elapsed < bench.time {
        our_work.add(ours.run(TURN, 0).await?);
        raw_work.add(raw.run(TURN, 0).await?);
    }
    Ok((our_work.per_second(), raw_work.per_second()))
}

impl Session {
    pub(crate) fn new<F>(tasks: u64, operation: impl Fn(u64) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        Self {
            tasks,
            next: Arc::default(),
            operation: Arc::new(move |number| Box::pin(operation(number))),
        }
    }

    /// How many operations there were, warm-up included.
    pub(crate) fn operations(&self) -> u64 {
        self.next.load(Ordering::Relaxed)
    }

    /// So many operations, one after the other.
    pub(crate) async fn repeat(&self, times: u64) -> Result<()> {
        for _ in 0..times {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            (self.operation)(number).await?;
        }
        Ok(())
    }

    /// For so long, and until there were so many operations in all.
    pub(crate) async fn run(&self, time: Duration, at_least: u64) -> Result<Done> {
        let before = self.operations();
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for _ in 0..self.tasks {
            let session = self.clone();
            tasks.spawn(async move {
                while started.elapsed() < time || session.operations() < at_least {
                    let number = session.next.fetch_add(1, Ordering::Relaxed);
                    (session.operation)(number).await?;
                }
                anyhow::Ok(())
            });
        }
        while let Some(finished) = tasks.join_next().await {
            finished??;
        }
        Ok(Done {
            operations: self.operations() - before,
            elapsed: started.elapsed(),
        })
    }
}

impl Done {
    fn add(&mut self, more: Done) {
        self.operations += more.operations;
        self.elapsed += more.elapsed;
    }

    fn per_second(&self) -> f64 {
        self.operations as f64 / self.elapsed.as_secs_f64()
    }
}
