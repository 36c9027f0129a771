//! Every statement is understood by Postgres, and goes by an index however the tables have grown.

#![allow(clippy::unwrap_used)]

mod common;

use cqrs_core::snapshot::{SnapshotStore, StoredSnapshot};
use cqrs_core::store::{EventAppender, LogReader, StreamReader};
use cqrs_core::stream::Expected;
use cqrs_postgres::Postgres;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor, Row, SqlSafeStr, raw_sql};

use common::{append, open, stream};

/// Run by the migrations alone; the second holds what is put together, the third asks a catalogue. The
/// last are transactions, or begin them.
const ONCE: [&str; 13] = [
    "apply_migration",
    "create_migrations",
    "insert_migration",
    "lock_migrations",
    "read_schema_version",
    "find_migrations",
    "begin",
    "set_for_page",
    "set_for_change",
    "set_for_pooler",
    "announce",
    "grant_rights",
    "roles",
];

fn statements() -> Vec<(String, String)> {
    let entries = std::fs::read_dir("src/sql").unwrap();
    let files = entries.map(|entry| {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, text.replace("{schema}", "cqrs"))
    });
    files
        .filter(|(name, _)| !ONCE.contains(&name.as_str()))
        .collect()
}

#[tokio::test]
async fn every_statement_can_be_prepared() {
    let (_postgres, database) = open().await;
    let mut raw = database.connect().await.unwrap();
    let statements = statements();
    assert!(statements.len() > 10);
    for (name, text) in statements {
        let prepared = raw.prepare(AssertSqlSafe(text).into_sql_str()).await;
        assert!(prepared.is_ok(), "{name}: {:?}", prepared.err());
    }
}

/// What many views come to, each with many letters.
const VIEWS: &str = "
    INSERT INTO cqrs.views (view, fingerprint) SELECT 'v' || number, 'f' FROM generate_series(1, 2000) AS number;
    INSERT INTO cqrs.checkpoints (view, fingerprint, partition, leased_until, answers)
    SELECT 'v' || number, 'f', 0, now(), TRUE FROM generate_series(1, 2000) AS number;
    INSERT INTO cqrs.standbys (view, fingerprint, node, stands_by_until, events)
    SELECT 'v' || number, 'f', gen_random_uuid(), now(), '{}' FROM generate_series(1, 2000) AS number;
    INSERT INTO cqrs.held_events (view, fingerprint, partition, held_key, position)
    SELECT 'v' || number % 100, 'f', 0, 'k' || number, number FROM generate_series(1, 20000) AS number;
    INSERT INTO cqrs.dead_letters
    SELECT 'v' || number % 100, 'f', 0, number, 'k' || number, 'c', 's', 1, 'n', gen_random_uuid(), now(), 'r', 1
    FROM generate_series(1, 20000) AS number;
    INSERT INTO cqrs.letter_requests (view, fingerprint, partition, request_id, letter_order, asked_at)
    SELECT 'v' || number % 100, 'f', 0, gen_random_uuid(), 'o', now() FROM generate_series(1, 2000) AS number";

/// As many events as make a scan of a table look expensive.
async fn fill(postgres: &Postgres) {
    let events = postgres.events();
    for round in 0..10 {
        let batch: Vec<_> = (0..200)
            .map(|number| append(&format!("{round}-{number}"), Expected::NoStream, 3))
            .collect();
        assert!(
            events
                .append(&batch)
                .await
                .unwrap()
                .iter()
                .all(Result::is_ok)
        );
    }
}

#[tokio::test]
async fn every_plan_goes_by_an_index() {
    let (postgres, database) = open().await;
    fill(&postgres).await;
    for number in 0..500 {
        let snapshot = StoredSnapshot::new(1, 7, "{}");
        let stream = stream(&number.to_string());
        postgres
            .events()
            .save_snapshot(&stream, &snapshot)
            .await
            .unwrap();
    }
    let mut raw = database.connect().await.unwrap();
    raw.execute(raw_sql(VIEWS)).await.unwrap();
    raw.execute("ANALYZE").await.unwrap();
    raw.execute("SET plan_cache_mode = force_generic_plan")
        .await
        .unwrap();
    for (name, text) in statements() {
        // Functions are looked at below, the checks at the start run once, and catalogues are the server's.
        if text.contains("append_events(")
            || text.contains("read_head(")
            || name.starts_with("check")
            || text.contains("pg_catalog.")
        {
            continue;
        }
        let plan = plan(&mut raw, &text).await;
        assert!(!plan.contains("Seq Scan"), "{name}:\n{plan}");
    }
}

async fn plan(raw: &mut PgConnection, text: &str) -> String {
    let parameters = (1..30)
        .take_while(|number| text.contains(&format!("${number}")))
        .count();
    raw.execute(AssertSqlSafe(format!("PREPARE looked_at AS {text}")))
        .await
        .unwrap();
    let nulls = vec!["NULL"; parameters].join(", ");
    let nulls = if nulls.is_empty() {
        nulls
    } else {
        format!("({nulls})")
    };
    let rows = raw
        .fetch_all(AssertSqlSafe(format!("EXPLAIN EXECUTE looked_at {nulls}")))
        .await
        .unwrap();
    raw.execute("DEALLOCATE looked_at").await.unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    lines.join("\n")
}

/// How many rows were read from whole tables, and how often by an index, as far as the server was told.
async fn scans(raw: &mut PgConnection) -> (i64, i64) {
    let sql = "SELECT sum(seq_tup_read)::bigint, sum(idx_scan)::bigint FROM pg_stat_user_tables WHERE schemaname = 'cqrs' AND relname IN ('events', 'streams')";
    let row = raw.fetch_one(sql).await.unwrap();
    (row.get(0), row.get(1))
}

/// A session that begins while the tables are empty keeps its plans while they grow.
#[tokio::test]
async fn the_functions_go_by_an_index_from_the_first_event() {
    let (postgres, database) = open().await;
    let mut raw = database.connect().await.unwrap();
    let (whole, by_index) = scans(&mut raw).await;
    fill(&postgres).await;
    let events = postgres.events();
    let batch = [
        append("0-1", Expected::Exact(3), 1),
        append("new", Expected::Any, 1),
    ];
    assert!(
        events
            .append(&batch)
            .await
            .unwrap()
            .iter()
            .all(Result::is_ok)
    );
    events.head().await.unwrap();
    drop((events, postgres));
    // The session tells what it did when it ends.
    loop {
        let (whole_now, by_index_now) = scans(&mut raw).await;
        if by_index_now - by_index > 2000 {
            assert_eq!(whole_now, whole);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Index entries that were read, as far as the server has been told.
async fn entries(raw: &mut PgConnection) -> i64 {
    let sql =
        "SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE schemaname = 'cqrs'";
    raw.fetch_one(sql).await.unwrap().get(0)
}

/// What a session has done is known when it has ended.
async fn wait_until_alone(raw: &mut PgConnection) {
    let sql = "SELECT numbackends FROM pg_stat_database WHERE datname = current_database()";
    while raw.fetch_one(sql).await.unwrap().get::<i32, _>(0) > 1 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

/// Whatever the statistics say, or do not say yet.
#[tokio::test]
async fn a_command_reads_no_more_of_a_long_stream() {
    const LONG: usize = 5_000;
    let (postgres, database) = open().await;
    let mut raw = database.connect().await.unwrap();
    let batch = [append("long", Expected::NoStream, LONG)];
    postgres.events().append(&batch).await.unwrap()[0]
        .as_ref()
        .unwrap();
    drop(postgres);
    for prepare in ["SELECT 1", "ANALYZE"] {
        raw.execute(prepare).await.unwrap();
        wait_until_alone(&mut raw).await;
        let before = entries(&mut raw).await;
        let postgres = Postgres::open(database.url()).await.unwrap();
        let events = postgres.events();
        for _ in 0..20 {
            let command = [append("long", Expected::Any, 1)];
            events.append(&command).await.unwrap()[0].as_ref().unwrap();
            let repeated = events.append(&command).await.unwrap();
            assert!(repeated[0].as_ref().unwrap().repeated);
            let long = stream("long");
            let known = events.find_command(command[0].command.id, &long);
            assert!(known.await.unwrap().is_some());
            events.stream_version(&long).await.unwrap();
            events.head().await.unwrap();
        }
        drop((events, postgres));
        wait_until_alone(&mut raw).await;
        let read = entries(&mut raw).await - before;
        assert!(
            read < LONG as i64,
            "{read} entries for 100 calls, after {prepare}"
        );
    }
}
