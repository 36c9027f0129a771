//! A disk that is full: said, nothing half-written, and all goes on when there is room.

use cqrs::doc::{AccountCommand::Deposit, Balance};
use cqrs::store::{ReadLog, StoreError};
use cqrs::{ExecuteError, Metadata, Position};
use postgres_server::{Cluster, SmallDisk};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};
use std::str::FromStr;
use uuid::Uuid;

use crate::domain::{balance, deposit_patiently, open_account, open_app};

/// What no compression makes much smaller.
fn large() -> Metadata {
    let text: String = (0..1_000).map(|_| Uuid::new_v4().to_string()).collect();
    Metadata::default().with("note", text)
}

#[tokio::test]
async fn a_full_disk_is_said_and_loses_nothing() {
    let server = Cluster::start().unwrap();
    let disk = match SmallDisk::mount(&server, 20) {
        Ok(disk) => disk,
        Err(error) => {
            eprintln!("SKIPPED: a small disk cannot be mounted: {error:#}");
            return;
        }
    };
    let options = PgConnectOptions::from_str(server.url()).unwrap();
    let mut raw = options.connect().await.unwrap();
    let place = disk.folder().display();
    let create = format!("CREATE TABLESPACE small LOCATION '{place}'");
    raw.execute(AssertSqlSafe(create)).await.unwrap();
    raw.execute("CREATE DATABASE shop TABLESPACE small")
        .await
        .unwrap();
    let (address, _) = server.url().rsplit_once('/').unwrap();
    let app = open_app(&format!("{address}/shop")).await;
    open_account(&app, "ada").await;

    let mut deposits = 0;
    let refused = loop {
        let (id, amount) = ("ada".into(), 1);
        match app.execute(Deposit { id, amount }).metadata(large()).await {
            Ok(_) => deposits += 1,
            Err(error) => break error,
        }
        assert!(deposits < 2_000, "the disk is never full");
    };
    let ExecuteError::Store { source, .. } = &refused else {
        panic!("{refused:?}");
    };
    assert!(matches!(source, StoreError::Full { .. }), "{refused:?}");
    assert!(source.is_transient() && source.to_string().contains("disk is full"));

    let head = app.head().await.unwrap().position;
    let request = ReadLog::between(Position::START, head, 5_000);
    let stored = app.events().read_log(&request).await.unwrap();
    assert_eq!(
        stored.len(),
        deposits + 1,
        "what was acknowledged, and no more"
    );

    disk.grow(100).unwrap();
    let last = deposit_patiently(&app, "ada", 1).await.position;
    assert_eq!(balance(&app, "ada", last).await, deposits as u64 + 1);
    let row = app.view::<Balance>().count().await.unwrap();
    assert_eq!(row, 1);
    app.shutdown().await;
    drop(raw);
    drop(server);
}
