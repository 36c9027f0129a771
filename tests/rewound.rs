//! ⑥ A log that was set back under a view, by an older copy of its file: noticed and said.

#![cfg(feature = "sqlite")]
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;

use cqrs::Position;
use cqrs::doc::{AccountCommand, Balance};
use cqrs::prelude::*;
use cqrs::sqlite::Sqlite;
use cqrs::store::Stores;
use cqrs::view::MemoryViewStore;
use sqlx::{Connection, SqliteConnection};

/// Views that outlive the file of events, as those in another database do.
struct Shop {
    folder: tempfile::TempDir,
    views: Arc<MemoryViewStore>,
}

impl Shop {
    fn url(&self, file: &str) -> String {
        format!("sqlite:{}", self.folder.path().join(file).display())
    }

    async fn open(&self, file: &str) -> App {
        let stores = Stores {
            views: Arc::clone(&self.views) as _,
            ..Sqlite::open(&self.url(file)).await.unwrap().stores()
        };
        App::builder(stores).project::<Balance>().await.unwrap()
    }

    async fn copy(&self, file: &str, copy: &str) {
        let mut connection = SqliteConnection::connect(&self.url(file)).await.unwrap();
        let copy = self.folder.path().join(copy);
        let done = sqlx::query("VACUUM INTO ?").bind(copy.to_str());
        done.execute(&mut connection).await.unwrap();
    }
}

async fn open_account(app: &App, id: &str) -> Position {
    let owner = id.to_uppercase();
    let id = id.into();
    let opened = app.execute(AccountCommand::Open { id, owner }).await;
    opened.unwrap().position
}

/// Three accounts are followed; the copy has the first one alone.
async fn followed_beyond_the_copy() -> Shop {
    let shop = Shop {
        folder: tempfile::tempdir().unwrap(),
        views: Arc::default(),
    };
    let app = shop.open("shop.db").await;
    open_account(&app, "ada").await;
    shop.copy("shop.db", "copy.db").await;
    open_account(&app, "bob").await;
    let last = open_account(&app, "cid").await;
    app.wait_for::<Balance>(last).await.unwrap();
    app.shutdown().await;
    shop
}

async fn assert_said(app: &App, position: Position) {
    let error = app.wait_for::<Balance>(position).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("the log was set back behind the view"),
        "{text}"
    );
    assert!(
        text.contains("or build the view anew by `rebuild`"),
        "{text}"
    );
}

#[tokio::test]
async fn a_log_that_ends_before_the_view_is_not_followed() {
    let shop = followed_beyond_the_copy().await;
    let app = shop.open("copy.db").await;
    assert_said(&app, Position::new(4)).await;
    // The way out that the message names: what the log has lost is no longer waited for.
    app.rebuild::<Balance>().await.unwrap();
    let position = open_account(&app, "dan").await;
    app.wait_for::<Balance>(position).await.unwrap();
    assert_eq!(app.view::<Balance>().count().await.unwrap(), 2);
}

#[tokio::test]
async fn a_log_with_other_events_where_the_view_stands_is_not_followed() {
    let shop = followed_beyond_the_copy().await;
    let app = App::open(shop.url("copy.db")).await.unwrap();
    for id in ["dan", "eve", "fay"] {
        open_account(&app, id).await;
    }
    app.shutdown().await;
    let app = shop.open("copy.db").await;
    assert_said(&app, Position::new(4)).await;
}
