//! A page of rare events is read in statements that each end in time, and still goes to the end.

#![allow(clippy::unwrap_used)]

mod common;

use cqrs_core::store::{LogReader, ReadLog};
use cqrs_core::stream::Position;
use cqrs_postgres::Postgres;
use postgres_server::{Database, Proxy};
use sqlx::{Executor, raw_sql};

/// Five events, the rare ones as far apart as positions are that others have drawn meanwhile. The append
/// function would have to draw them all.
const FILL: &str = "
    INSERT INTO cqrs.events (
        position, event_id, category, stream_id, version, name, schema_version, payload,
        correlation_id, command_id, command_name, command_events, recorded_at
    )
    SELECT
        position, gen_random_uuid(), 'cart', position::text, 1, name, 1, '{}',
        gen_random_uuid(), gen_random_uuid(), 'note', 1, now()
    FROM (VALUES
        (1, 'cart.rare'), (2, 'cart.noted'), (100001, 'cart.rare'), (350000, 'cart.rare'), (450000, 'cart.noted')
    ) AS event (position, name);
    INSERT INTO cqrs.streams (category, stream_id, version, recorded_at)
    SELECT category, stream_id, version, recorded_at FROM cqrs.events;
    SELECT setval('cqrs.events_position_seq', 450000)";

const END: u64 = 450_000;

async fn filled() -> Database {
    let database = Database::create().await.unwrap();
    Postgres::open(database.url()).await.unwrap();
    let mut raw = database.connect().await.unwrap();
    raw.execute(raw_sql(FILL)).await.unwrap();
    database
}

fn rare(after: u64, up_to: u64, limit: usize) -> ReadLog {
    let mut request = ReadLog::between(Position::new(after), Position::new(up_to), limit);
    request.names = Some(vec!["cart.rare"]);
    request
}

async fn positions(postgres: &Postgres, request: ReadLog) -> Vec<u64> {
    let page = postgres.events().read_log(&request).await.unwrap();
    page.iter().map(|event| event.position.get()).collect()
}

#[tokio::test]
async fn a_page_that_is_not_full_has_reached_the_end() {
    let database = filled().await;
    let postgres = Postgres::open(database.url()).await.unwrap();
    let all = [1, 100_001, 350_000];
    assert_eq!(positions(&postgres, rare(0, END, 100)).await, all);
    assert_eq!(positions(&postgres, rare(0, u64::MAX, 4)).await, all);
    assert_eq!(positions(&postgres, rare(0, 349_999, 100)).await, all[..2]);
    assert_eq!(positions(&postgres, rare(1, 350_000, 100)).await, all[1..]);
    assert!(positions(&postgres, rare(350_000, END, 1)).await.is_empty());
}

#[tokio::test]
async fn a_full_page_ends_with_its_last_event() {
    let database = filled().await;
    let postgres = Postgres::open(database.url()).await.unwrap();
    let (mut seen, mut after) = (Vec::new(), 0);
    loop {
        let page = positions(&postgres, rare(after, END, 1)).await;
        let Some(last) = page.last() else { break };
        after = *last;
        seen.extend(page);
    }
    assert_eq!(seen, [1, 100_001, 350_000]);
    assert_eq!(positions(&postgres, rare(0, END, 2)).await, seen[..2]);
    assert_eq!(positions(&postgres, rare(0, END, 0)).await, [0; 0]);
}

#[tokio::test]
async fn a_statement_looks_at_a_bounded_range() {
    let database = filled().await;
    let proxy = Proxy::start(&database).await.unwrap();
    let postgres = Postgres::open(&proxy.url().unwrap()).await.unwrap();
    let trips = async |request| {
        let before = proxy.round_trips();
        positions(&postgres, request).await;
        proxy.round_trips() - before
    };
    // It asks where the log ends, and prepares.
    trips(rare(0, 1, 1)).await;
    // Ranges grow from four times the page to 100,000.
    assert_eq!(trips(rare(0, END, 100)).await, 9);
    assert_eq!(trips(rare(0, END, 2)).await, 8);
    // Whoever wants every event needs no second statement for a page.
    assert_eq!(
        trips(ReadLog::between(Position::START, Position::new(END), 2)).await,
        1
    );
}
