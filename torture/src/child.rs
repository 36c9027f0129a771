//! A child: opens the store, does its work until it is killed, and never outlives its parent.

mod projection;
mod reader;
mod rebuilder;
pub(crate) mod subscription;
mod visible;
mod writer;

use std::io::Read;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use cqrs::postgres::Postgres;
use cqrs::projection::ProjectionOptions;
use cqrs::sqlite::Sqlite;
use cqrs::store::{StoreError, Stores};
use cqrs::subscription::SubscriptionOptions;
use cqrs::{App, OpenError};

use crate::arguments::{Orders, Role};
use crate::domain::{DividedRow, LedgerRow};
use crate::report::{Report, tell};
use crate::without::alter;

/// How long a child waits for a server that crashed before it asks again.
const AWAY: Duration = Duration::from_millis(50);

pub(crate) fn work(orders: Orders) -> Result<ExitCode> {
    end_with_parent()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(act(orders))?;
    Ok(ExitCode::SUCCESS)
}

async fn act(orders: Orders) -> Result<()> {
    if orders.role == Role::Writer {
        return writer::work(&orders).await;
    }
    let app = until_open(async || follow(&orders).await).await?;
    if orders.role == Role::Projection {
        let options = SubscriptionOptions::default();
        let options = options.lease(orders.lease()).page_size(orders.page);
        subscription::subscribe(&app, &orders.record, options).await?;
    }
    tell(&Report::Ready)?;
    match orders.role {
        Role::Writer => Ok(()),
        Role::Projection => carry_on(&app).await,
        Role::Reader => read(&app, orders.poll()).await,
        Role::Rebuilder => rebuilder::rebuild(&app).await,
    }
}

/// Opens the store with all views.
async fn follow(orders: &Orders) -> Result<App, OpenError> {
    let options = ProjectionOptions::default();
    let options = options.lease(orders.lease()).page_size(orders.page);
    let builder = App::builder(stores(orders).await?).poll_interval(orders.poll());
    let builder = builder.project_with::<LedgerRow>(options.clone());
    builder.project_with::<DividedRow>(options).await
}

async fn stores(orders: &Orders) -> Result<Stores, StoreError> {
    let stores = match orders.store.starts_with("sqlite:") {
        true => Sqlite::open(&orders.store).await?.stores(),
        false => Postgres::open(&orders.store).await?.stores(),
    };
    Ok(alter(stores, orders.without))
}

/// Opens again what a crash or a cut kept from being opened.
async fn until_open<T>(open: impl AsyncFn() -> Result<T, OpenError>) -> Result<T> {
    loop {
        match open().await {
            Err(
                OpenError::Store(source)
                | OpenError::View { source, .. }
                | OpenError::Subscription { source, .. },
            ) if source.is_transient() => {
                tokio::time::sleep(AWAY).await;
            }
            opened => return Ok(opened?),
        }
    }
}

async fn carry_on(app: &App) -> Result<()> {
    tokio::try_join!(projection::watch(app), subscription::watch(app)).map(drop)
}

/// All that a reader does at the same time; none of it ends by itself.
async fn read(app: &App, poll: Duration) -> Result<()> {
    let works = tokio::try_join!(
        projection::watch(app),
        reader::read(app, poll / 2),
        visible::read(app, poll)
    );
    works.map(drop)
}

/// The parent never writes to this pipe: it ends when the parent does, however that came about.
fn end_with_parent() -> Result<()> {
    // A child that is stopped at that moment cannot look at its pipe.
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    std::thread::Builder::new().spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    })?;
    Ok(())
}
