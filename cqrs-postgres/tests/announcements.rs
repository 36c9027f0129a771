//! What other processes are told of appends, and how often.

#![allow(clippy::unwrap_used)]

mod common;

use std::time::{Duration, Instant};

use cqrs_core::store::EventAppender;
use cqrs_core::stream::Expected;
use cqrs_postgres::{Postgres, PostgresConfig};
use postgres_server::Database;
use sqlx::postgres::{PgListener, PgPoolOptions};

use common::{append, open};

async fn listener(database: &Database) -> PgListener {
    let pool = PgPoolOptions::new().connect_with(database.options()).await;
    PgListener::connect_with(&pool.unwrap()).await.unwrap()
}

async fn add(postgres: &Postgres, id: &str) -> u64 {
    let batch = [append(id, Expected::Any, 1)];
    let answers = postgres.events().append(&batch).await.unwrap();
    answers[0].as_ref().unwrap().position.get()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_of_appends_is_announced_a_few_times_and_to_its_end() {
    const APPENDS: usize = 400;
    let (postgres, database) = open().await;
    // All connections are there, so that the burst is one.
    add(&postgres, "first").await;
    let mut listener = listener(&database).await;
    listener.listen("cqrs_log").await.unwrap();
    let begun = Instant::now();
    let writers = (0..8).map(|writer| {
        let postgres = postgres.clone();
        tokio::spawn(async move {
            let mut last = 0;
            for _ in 0..APPENDS / 8 {
                last = add(&postgres, &writer.to_string()).await;
            }
            last
        })
    });
    let mut last = 0;
    for writer in writers.collect::<Vec<_>>() {
        last = last.max(writer.await.unwrap());
    }
    let mut announcements = 0;
    loop {
        announcements += 1;
        let heard: u64 = listener.recv().await.unwrap().payload().parse().unwrap();
        assert!(heard <= last);
        if heard == last {
            break;
        }
    }
    // One at once, then one for every 5 ms.
    let most = 2 + begun.elapsed().as_millis() / 5;
    assert!(announcements <= most, "{announcements} > {most}");
}

#[tokio::test]
async fn services_in_one_database_are_told_of_their_own_appends() {
    let database = Database::create().await.unwrap();
    let mut open = Vec::new();
    for schema in ["shop", "orders"] {
        let mut config = PostgresConfig::from_url(database.url()).unwrap();
        config.schema = schema.into();
        open.push((schema, Postgres::open_with(config).await.unwrap()));
    }
    let mut listener = listener(&database).await;
    listener
        .listen_all(["shop_log", "orders_log"])
        .await
        .unwrap();
    for (schema, postgres) in open.iter().chain(&open) {
        let position = add(postgres, "a").await.to_string();
        let heard = listener.recv().await.unwrap();
        let heard = (heard.channel(), heard.payload());
        assert_eq!(heard, (format!("{schema}_log").as_str(), position.as_str()));
    }
}

/// What is appended last is told although the program ends its work at once.
#[tokio::test]
async fn closing_tells_of_the_last_append() {
    let (postgres, database) = open().await;
    let mut listener = listener(&database).await;
    listener.listen("cqrs_log").await.unwrap();
    for number in 0..3 {
        let last = add(&postgres, &number.to_string()).await;
        postgres.events().close_idle().await;
        let heard = tokio::time::timeout(Duration::from_secs(60), listener.recv()).await;
        assert_eq!(heard.unwrap().unwrap().payload(), last.to_string());
    }
}
