//! What the tests do with the bank account of the documentation.

use std::time::Duration;

use cqrs::doc::{Account, AccountCommand::*, Balance};
use cqrs::prelude::*;
use cqrs::projection::{ProjectionState, ProjectionStatus};
use cqrs::{Position, Receipt};
use tokio_stream::StreamExt;
use uuid::Uuid;

/// Longer than anything takes that is not broken.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A command that decides on no events.
#[derive(Command, Clone)]
#[command(aggregate = Account)]
pub(crate) struct Look {
    pub(crate) id: cqrs::doc::AccountId,
}

impl Handle<Look> for Account {
    fn handle(&self, _: Look, _: &Context) -> Decision<Self> {
        Ok(Vec::new())
    }
}

pub(crate) async fn open_app(url: &str) -> App {
    App::open(url).project::<Balance>().await.unwrap()
}

pub(crate) async fn open_account(app: &App, id: &str) -> Receipt {
    let (id, owner) = (id.into(), "Ada".into());
    app.execute(Open { id, owner }).await.unwrap()
}

pub(crate) async fn deposit(app: &App, id: &str, amount: u64) -> Receipt {
    let id = id.into();
    app.execute(Deposit { id, amount }).await.unwrap()
}

/// The same command with the same id until it is answered, as a patient client does.
pub(crate) async fn deposit_patiently(app: &App, id: &str, amount: u64) -> Receipt {
    let command_id = Uuid::new_v4();
    let asked = tokio::time::timeout(PATIENCE, async {
        loop {
            let id = id.into();
            let executed = app.execute(Deposit { id, amount }).with_id(command_id);
            match executed.await {
                Ok(receipt) => return receipt,
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    });
    asked.await.expect("the database comes back")
}

/// The view's row, once it shows everything up to the position.
pub(crate) async fn balance(app: &App, id: &str, position: Position) -> u64 {
    app.wait_for::<Balance>(position).await.unwrap();
    let row = app.view::<Balance>().get(&id.into()).await.unwrap();
    row.unwrap().balance
}

/// The view's status, once it is so.
pub(crate) async fn status_when(
    app: &App,
    is_so: impl Fn(&ProjectionStatus) -> bool,
) -> ProjectionStatus {
    let mut statuses = app.watch_projection::<Balance>().unwrap();
    let waited = tokio::time::timeout(PATIENCE, async {
        loop {
            let status = statuses.next().await.unwrap();
            if is_so(&status) {
                return status;
            }
        }
    });
    let waited = waited.await;
    waited.unwrap_or_else(|_| panic!("{:?}", app.projections()))
}

pub(crate) fn is_live(status: &ProjectionStatus) -> bool {
    matches!(status.state, ProjectionState::Live)
}

pub(crate) fn is_retrying(status: &ProjectionStatus) -> bool {
    matches!(status.state, ProjectionState::Retrying { .. })
}
