//! A writer: the commands of its seed to every stream, each again until it is answered.

use std::time::Duration;

use anyhow::Result;
use cqrs::{App, ExecuteError};
use tokio::task::JoinSet;

use super::{AWAY, stores, until_open};
use crate::arguments::Orders;
use crate::report::{Report, tell};
use crate::workload::{Answer, Order};

/// A writer follows nothing.
const IDLE: Duration = Duration::from_secs(1);

/// Opens the store, and as many applications as were asked for.
pub(super) async fn work(orders: &Orders) -> Result<()> {
    let stores = until_open(async || Ok(stores(orders).await?)).await?;
    let mut apps = Vec::new();
    for _ in 0..orders.applications {
        let open = async || App::builder(stores.clone()).poll_interval(IDLE).await;
        apps.push(until_open(open).await?);
    }
    tell(&Report::Ready)?;
    write(&apps, orders).await
}

/// Sends to all streams at the same time, to each of them one command after the other.
async fn write(apps: &[App], orders: &Orders) -> Result<()> {
    let mut lanes = JoinSet::new();
    for ((stream, from), app) in (0..).zip(&orders.from).zip(apps.iter().cycle()) {
        let first = Order {
            writer: orders.writer,
            stream,
            sequence: *from,
        };
        lanes.spawn(send_all(app.clone(), orders.seed, first));
    }
    while let Some(ended) = lanes.join_next().await {
        ended??;
    }
    Ok(())
}

async fn send_all(app: App, seed: u64, first: Order) -> Result<()> {
    for sequence in first.sequence.. {
        let order = Order { sequence, ..first };
        if order.is_abandoned(seed) {
            abandon(&app, seed, order).await;
        }
        let answer = send(&app, seed, order).await?;
        tell(&Report::Acknowledged(order, answer))?;
    }
    Ok(())
}

/// Gives up at once, as a client whose connection broke: what was sent may be stored or not.
async fn abandon(app: &App, seed: u64, order: Order) {
    let _ = tokio::time::timeout(Duration::ZERO, send(app, seed, order)).await;
}

/// A command that met too many conflicts is not stored, so it is sent again; and so is one of which the
/// store cannot say what became of it, under the same id.
async fn send(app: &App, seed: u64, order: Order) -> Result<Answer> {
    loop {
        let sent = app.execute(order.command(seed));
        match sent.with_id(order.command_id(seed)).await {
            Ok(receipt) => return Ok(receipt.into()),
            Err(ExecuteError::Conflict { .. }) => {}
            Err(ExecuteError::Store { source, .. }) if source.is_transient() => {
                tokio::time::sleep(AWAY).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}
