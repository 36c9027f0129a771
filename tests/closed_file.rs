//! An application that was shut down leaves one whole file.

#![cfg(feature = "sqlite")]
#![allow(missing_docs, clippy::unwrap_used)]

use cqrs::doc::{AccountCommand::*, Balance};
use cqrs::prelude::*;

async fn open(file: &std::path::Path) -> App {
    let app = App::open(format!("sqlite:{}", file.display()));
    app.project::<Balance>().await.unwrap()
}

#[tokio::test]
async fn a_copy_of_the_file_alone_has_everything() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bank.db");
    let app = open(&file).await;
    for number in 0..50 {
        let id = format!("account-{number}").as_str().into();
        let owner = "Ada".to_owned();
        app.execute(Open { id, owner }).await.unwrap();
    }
    let last = app.head().await.unwrap().position;
    app.wait_for::<Balance>(last).await.unwrap();
    app.shutdown().await;
    let left = std::fs::read_dir(folder.path()).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["bank.db"]);

    let copy = folder.path().join("copy.db");
    std::fs::copy(&file, &copy).unwrap();
    let restored = open(&copy).await;
    restored.wait_for::<Balance>(last).await.unwrap();
    let rows = restored.view::<Balance>().count().await.unwrap();
    assert_eq!(rows, 50);
    restored.shutdown().await;

    let opened = Open {
        id: "bob".into(),
        owner: "Bob".to_owned(),
    };
    app.execute(opened).await.unwrap();
    assert!(app.head().await.unwrap().position > last, "it opens again");
}
