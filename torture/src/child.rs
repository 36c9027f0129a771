//! A child: opens the store, does its work until it is killed, and never outlives its parent.

mod projection;
mod reader;
mod rebuilder;
mod visible;
mod writer;

use std::io::Read;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use cqrs::App;
use cqrs::projection::ProjectionOptions;
use cqrs::sqlite::Sqlite;

use crate::arguments::{Orders, Role};
use crate::domain::{DividedRow, LedgerRow};
use crate::report::{Report, tell};
use crate::without::stores;

/// So short that a pause of a process can be longer.
pub(crate) const LEASE: Duration = Duration::from_millis(150);

/// How soon a child sees what the others append.
const POLL: Duration = Duration::from_millis(10);

/// Small, so that a kill meets a page at every stage.
const PAGE: usize = 8;

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
    let sqlite = Sqlite::open(&format!("sqlite:{}", orders.file.display())).await?;
    let app = App::builder(stores(&sqlite, orders.without)).poll_interval(POLL);
    let app = match orders.role {
        Role::Writer => app.await?,
        Role::Projection | Role::Reader | Role::Rebuilder => {
            let options = ProjectionOptions::default().lease(LEASE).page_size(PAGE);
            app.project_with::<LedgerRow>(options.clone())
                .project_with::<DividedRow>(options)
                .await?
        }
    };
    tell(&Report::Ready)?;
    match orders.role {
        Role::Writer => writer::write(&app, &orders).await,
        Role::Projection => projection::watch(&app).await,
        Role::Reader => read(&app).await,
        Role::Rebuilder => rebuilder::rebuild(&app).await,
    }
}

/// All that a reader does at the same time; none of it ends by itself.
async fn read(app: &App) -> Result<()> {
    let works = tokio::try_join!(
        projection::watch(app),
        reader::read(app),
        visible::read(app)
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
