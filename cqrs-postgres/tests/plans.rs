//! No statement scans a log that has grown, whether its plan is made for its parameters or for all.

#![allow(clippy::unwrap_used)]

mod common;

use postgres_server::Database;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor, Row, raw_sql};

use common::open;

const EVENTS: i64 = 200_000;

/// Ten events of each stream, one name in a thousand a rare one; the append function would take minutes.
const FILL: &str = "
    INSERT INTO cqrs.events (
        position, event_id, category, stream_id, version, name, schema_version, payload,
        correlation_id, command_id, command_name, command_events, recorded_at
    )
    SELECT
        place + 1, gen_random_uuid(), 'cart', (place % 20000)::text, place / 20000 + 1,
        CASE WHEN place % 1000 = 0 THEN 'cart.rare' ELSE 'cart.noted' END, 1, '{}',
        gen_random_uuid(), gen_random_uuid(), 'note', 1, now()
    FROM generate_series(0, 199999) AS place;
    INSERT INTO cqrs.streams (category, stream_id, version, recorded_at)
    SELECT category, stream_id, max(version), max(recorded_at) FROM cqrs.events GROUP BY 1, 2;
    SELECT setval('cqrs.events_position_seq', 200000)";

/// The files that read the log, each with parameters as they come; the log is read a range at a time, here
/// a tenth of it.
const READS: [(&str, &[&str]); 10] = [
    ("check_log", &[]),
    ("read_log", &["0", "20000", "1000", "NULL", "NULL"]),
    ("read_log", &["199000", "200000", "1000", "NULL", "NULL"]),
    (
        "read_log",
        &["0", "20000", "1000", "'{cart.rare}'", "'{cart}'"],
    ),
    (
        "read_log",
        &["150000", "170000", "1000", "'{cart.rare}'", "NULL"],
    ),
    ("load_stream", &["'cart'", "'77'", "0", "16384"]),
    ("read_stream", &["'cart'", "'77'", "0", "1000"]),
    ("read_event_at", &["150000"]),
    (
        "find_command",
        &["'00000000-0000-0000-0000-000000000001'", "'cart'", "'77'"],
    ),
    ("read_stream_version", &["'cart'", "'77'"]),
];

#[tokio::test]
async fn no_read_scans_the_log() {
    let (_postgres, database) = open().await;
    let mut raw = filled(&database).await;
    for mode in ["force_custom_plan", "force_generic_plan"] {
        let mode = format!("SET plan_cache_mode = {mode}");
        raw.execute(AssertSqlSafe(mode.clone())).await.unwrap();
        for (name, parameters) in READS {
            let plan = plan(&mut raw, name, parameters).await;
            for table in ["events", "streams"] {
                let scan = format!("Seq Scan on {table}");
                assert!(
                    !plan.contains(&scan),
                    "{mode}, {name} {parameters:?}:\n{plan}"
                );
            }
        }
    }
}

async fn filled(database: &Database) -> PgConnection {
    let mut raw = database.connect().await.unwrap();
    raw.execute(raw_sql(FILL)).await.unwrap();
    raw.execute("VACUUM ANALYZE").await.unwrap();
    let events = raw.fetch_one("SELECT count(*) FROM cqrs.events").await;
    assert_eq!(events.unwrap().get::<i64, _>(0), EVENTS);
    raw
}

async fn plan(raw: &mut PgConnection, name: &str, parameters: &[&str]) -> String {
    let text = std::fs::read_to_string(format!("src/sql/{name}.sql")).unwrap();
    let text = text.replace("{schema}", "cqrs");
    let prepare = format!("PREPARE looked_at AS {text}");
    raw.execute(AssertSqlSafe(prepare)).await.unwrap();
    let parameters = match parameters.is_empty() {
        true => String::new(),
        false => format!("({})", parameters.join(", ")),
    };
    let explain = format!("EXPLAIN EXECUTE looked_at {parameters}");
    let rows = raw.fetch_all(AssertSqlSafe(explain)).await.unwrap();
    raw.execute("DEALLOCATE looked_at").await.unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    lines.join("\n")
}
