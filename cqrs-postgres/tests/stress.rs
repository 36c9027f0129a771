//! Writers that dawdle and give up inside their transactions, and readers that must see every event
//! once and in order all the same.

#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cqrs_core::store::{EventAppender, LogReader, ReadLog};
use cqrs_core::stream::{Expected, Position};
use cqrs_postgres::{Postgres, PostgresEventStore};
use postgres_server::{Database, Pooler, Startup};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor, Row, query, raw_sql};
use uuid::Uuid;

use common::{append, open};

const WRITERS: usize = 12;
const TRANSACTIONS: usize = 60;
const PAGE: usize = 100;

/// An append by hand: one stream, as many events as $2 says.
const APPEND: &str = "SELECT count(*) FROM cqrs.append_events(
    ARRAY['cart'], ARRAY[$1], ARRAY[TRUE],
    ARRAY[gen_random_uuid()], ARRAY['add'], ARRAY[gen_random_uuid()], ARRAY[NULL]::uuid[], ARRAY[now()],
    ARRAY[NULL]::text[], ARRAY[1], ARRAY[1], ARRAY[1], ARRAY[-1], ARRAY[$2::bigint], ARRAY[0],
    array_fill(1, ARRAY[$2::integer]), ARRAY(SELECT generate_series(1, $2::bigint)),
    ARRAY(SELECT gen_random_uuid() FROM generate_series(1, $2::integer)),
    array_fill('cart.noted'::text, ARRAY[$2::integer]), array_fill(1::bigint, ARRAY[$2::integer]),
    array_fill('{}'::text, ARRAY[$2::integer]), array_fill(NULL::timestamptz, ARRAY[$2::integer]))";

/// The same by the function for plain batches, to a stream that is new.
const APPEND_PLAIN: &str = "SELECT count(*) FROM cqrs.append_plain_events(
    0, 1, ARRAY['cart'], ARRAY[$1], ARRAY[0], ARRAY[$2::bigint], ARRAY[now()],
    array_fill(1, ARRAY[$2::integer]), ARRAY(SELECT generate_series(1, $2::bigint)),
    array_fill('cart'::text, ARRAY[$2::integer]), array_fill($1::text, ARRAY[$2::integer]),
    array_fill(gen_random_uuid(), ARRAY[$2::integer]),
    ARRAY(SELECT CASE number WHEN 1 THEN 'add' END FROM generate_series(1, $2::integer) AS number),
    ARRAY(SELECT CASE number WHEN 1 THEN $2::bigint END FROM generate_series(1, $2::integer) AS number),
    array_fill(gen_random_uuid(), ARRAY[$2::integer]), array_fill(NULL::uuid, ARRAY[$2::integer]),
    array_fill(NULL::text, ARRAY[$2::integer]),
    ARRAY(SELECT gen_random_uuid() FROM generate_series(1, $2::integer)),
    array_fill('cart.noted'::text, ARRAY[$2::integer]), array_fill(1::bigint, ARRAY[$2::integer]),
    array_fill('{}'::text, ARRAY[$2::integer]), array_fill(NULL::timestamptz, ARRAY[$2::integer]))";

/// Between taking the lock and writing events, and again before the commit.
const DAWDLE: &str = "
    CREATE FUNCTION public.dawdle() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF random() < 0.3 THEN PERFORM pg_sleep(random() * 0.004); END IF; RETURN NULL; END $$;
    CREATE TRIGGER dawdle BEFORE INSERT ON cqrs.events FOR EACH STATEMENT EXECUTE FUNCTION public.dawdle();
    CREATE TRIGGER dawdle_again AFTER INSERT ON cqrs.events FOR EACH STATEMENT EXECUTE FUNCTION public.dawdle()";

async fn dawdle(raw: &mut PgConnection) {
    let seconds = fastrand::f64() * 0.006;
    query("SELECT pg_sleep($1)")
        .bind(seconds)
        .execute(raw)
        .await
        .unwrap();
}

/// Appends once or twice in a transaction of its own, waits, and commits or not.
async fn write_by_hand(mut raw: PgConnection, writer: usize) {
    for transaction in 0..TRANSACTIONS {
        raw.execute("BEGIN").await.unwrap();
        for part in 0..fastrand::usize(1..=2) {
            let events = fastrand::i32(1..=4);
            let (sql, stream) = match fastrand::bool() {
                true => (APPEND, format!("{writer}-{part}")),
                false => (APPEND_PLAIN, format!("{writer}-{part}-{transaction}")),
            };
            let append = query(sql).bind(stream).bind(events);
            append.execute(&mut raw).await.unwrap();
            dawdle(&mut raw).await;
        }
        let is_given_up = fastrand::u8(0..5) == 0;
        let end = if is_given_up { "ROLLBACK" } else { "COMMIT" };
        raw.execute(end).await.unwrap();
    }
}

async fn write_by_store(events: PostgresEventStore, writer: usize) {
    for _ in 0..TRANSACTIONS {
        let own = format!("store-{writer}");
        let batch = [
            append(&own, Expected::Any, 2),
            append("shared", Expected::Any, 1),
        ];
        let answers = events.append(&batch).await.unwrap();
        assert!(answers.iter().all(Result::is_ok));
    }
}

/// Follows the log as a subscription does: by the mark, to which its checkpoint moves.
async fn follow(events: PostgresEventStore, done: Arc<AtomicBool>) -> Vec<(u64, Uuid)> {
    let (mut seen, mut checkpoint) = (Vec::new(), Position::START);
    loop {
        let is_last = done.load(Ordering::SeqCst);
        let head = events.head().await.unwrap();
        let request = ReadLog::between(checkpoint, head.position, PAGE);
        let page = events.read_log(&request).await.unwrap();
        seen.extend(page.iter().map(|event| (event.position.get(), event.id)));
        checkpoint = match page.last() {
            Some(last) if page.len() == PAGE => last.position,
            _ if is_last => return seen,
            _ => checkpoint.max(head.position),
        };
    }
}

/// Follows the log as many do: whatever is behind the last event that it saw.
async fn follow_naively(mut raw: PgConnection, done: Arc<AtomicBool>) -> Vec<(u64, Uuid)> {
    const SQL: &str =
        "SELECT position, event_id FROM cqrs.events WHERE position > $1 ORDER BY position LIMIT $2";
    let (mut seen, mut checkpoint) = (Vec::new(), 0_i64);
    loop {
        let is_last = done.load(Ordering::SeqCst);
        let page = query(SQL).bind(checkpoint).bind(PAGE as i64);
        let page = page.fetch_all(&mut raw).await.unwrap();
        let Some(last) = page.last() else {
            if is_last {
                return seen;
            }
            continue;
        };
        checkpoint = last.get(0);
        seen.extend(
            page.iter()
                .map(|row| (row.get::<i64, _>(0).unsigned_abs(), row.get(1))),
        );
    }
}

async fn stored(database: &Database) -> Vec<(u64, Uuid)> {
    let mut raw = database.connect().await.unwrap();
    let rows = raw
        .fetch_all("SELECT position, event_id FROM cqrs.events ORDER BY position")
        .await
        .unwrap();
    let events = rows
        .iter()
        .map(|row| (row.get::<i64, _>(0).unsigned_abs(), row.get(1)));
    events.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_event_is_missed_doubled_or_out_of_order() {
    let (postgres, database) = open().await;
    let other_node = Postgres::open(database.url()).await.unwrap();
    let pooler = Pooler::start(Startup::Refused).unwrap();
    let behind_pooler = Postgres::open(&pooler.url(&database)).await.unwrap();
    let mut unrelated = database.connect().await.unwrap();
    unrelated.execute(raw_sql(DAWDLE)).await.unwrap();
    // A long transaction of somebody else's, with an id and a snapshot, holds nobody back.
    unrelated
        .execute(raw_sql(
            "BEGIN ISOLATION LEVEL REPEATABLE READ; CREATE TABLE public.other ()",
        ))
        .await
        .unwrap();

    let done = Arc::new(AtomicBool::new(false));
    let followers = [
        tokio::spawn(follow(postgres.events(), Arc::clone(&done))),
        tokio::spawn(follow(other_node.events(), Arc::clone(&done))),
        tokio::spawn(follow(behind_pooler.events(), Arc::clone(&done))),
    ];
    let naive = database.connect().await.unwrap();
    let naive = tokio::spawn(follow_naively(naive, Arc::clone(&done)));
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let raw = database.connect().await.unwrap();
        writers.push(tokio::spawn(write_by_hand(raw, writer)));
    }
    for (writer, node) in [&other_node, &other_node, &behind_pooler]
        .iter()
        .enumerate()
    {
        writers.push(tokio::spawn(write_by_store(node.events(), writer)));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    done.store(true, Ordering::SeqCst);

    let stored = stored(&database).await;
    assert!(stored.len() > WRITERS * TRANSACTIONS);
    for follower in followers {
        let seen = follower.await.unwrap();
        assert!(
            seen == stored,
            "{} of {} events were seen",
            seen.len(),
            stored.len()
        );
    }
    let lost = stored.len() - naive.await.unwrap().len();
    println!("{} events; without the mark, {lost} are lost", stored.len());
    assert!(
        lost > 0,
        "the writers did not overlap, so nothing was tested"
    );
    unrelated.execute("ROLLBACK").await.unwrap();
}

/// What the mark is made of, step by step.
#[tokio::test]
async fn the_mark_waits_for_what_is_being_written() {
    let (postgres, database) = open().await;
    let events = postgres.events();
    let head = async || events.head().await.unwrap().position.get();
    let (mut slow, mut fast) = (
        database.connect().await.unwrap(),
        database.connect().await.unwrap(),
    );
    slow.execute("BEGIN").await.unwrap();
    query(APPEND)
        .bind("slow")
        .bind(2)
        .execute(&mut slow)
        .await
        .unwrap();
    query(APPEND)
        .bind("fast")
        .bind(3)
        .execute(&mut fast)
        .await
        .unwrap();
    assert_eq!(
        head().await,
        0,
        "positions 1 and 2 are not final, so 3 to 5 are not shown"
    );
    let all = ReadLog::between(Position::START, Position::new(u64::MAX), 10);
    assert!(
        events.read_log(&all).await.unwrap().is_empty(),
        "whatever is asked for"
    );
    slow.execute("COMMIT").await.unwrap();
    assert_eq!(head().await, 5);
    assert_eq!(events.read_log(&all).await.unwrap().len(), 5);

    // One that gives up leaves a gap, which is passed at once.
    slow.execute("BEGIN").await.unwrap();
    query(APPEND)
        .bind("slow")
        .bind(2)
        .execute(&mut slow)
        .await
        .unwrap();
    query(APPEND)
        .bind("fast")
        .bind(1)
        .execute(&mut fast)
        .await
        .unwrap();
    assert_eq!(head().await, 5);
    slow.execute("ROLLBACK").await.unwrap();
    assert_eq!(head().await, 8);
    assert_eq!(events.read_log(&all).await.unwrap().len(), 6);
}

/// After a crash the server may draw the positions of a rolled back transaction once more.
#[tokio::test]
async fn the_log_does_not_end_in_a_gap() {
    let (postgres, database) = open().await;
    let events = postgres.events();
    let mut raw = database.connect().await.unwrap();
    let give_up = async |raw: &mut PgConnection| {
        raw.execute("BEGIN").await.unwrap();
        query(APPEND)
            .bind("a")
            .bind(40)
            .execute(&mut *raw)
            .await
            .unwrap();
        raw.execute("ROLLBACK").await.unwrap();
    };
    give_up(&mut raw).await;
    assert_eq!(events.head().await.unwrap().position, Position::START);
    query(APPEND)
        .bind("a")
        .bind(1)
        .execute(&mut raw)
        .await
        .unwrap();
    assert_eq!(events.head().await.unwrap().position.get(), 41);
    give_up(&mut raw).await;
    let head = events.head().await.unwrap();
    assert_eq!(head.position.get(), 41);
    assert_eq!(head.event.unwrap().position, head.position);
}

/// The lock's key holds the low 32 bits of the value alone.
#[tokio::test]
async fn the_mark_is_right_beyond_32_bits() {
    let (postgres, database) = open().await;
    let events = postgres.events();
    let mut slow = database.connect().await.unwrap();
    let mut end = 0;
    for last in [(1_u64 << 31) - 2, (1 << 32) - 2, (1 << 33) - 2] {
        let set = format!("SELECT setval('cqrs.events_position_seq', {last})");
        slow.execute(AssertSqlSafe(set)).await.unwrap();
        slow.execute("BEGIN").await.unwrap();
        query(APPEND)
            .bind("slow")
            .bind(2)
            .execute(&mut slow)
            .await
            .unwrap();
        let batch = [append("fast", Expected::Any, 3)];
        events.append(&batch).await.unwrap()[0].as_ref().unwrap();
        assert_eq!(events.head().await.unwrap().position.get(), end);
        slow.execute("COMMIT").await.unwrap();
        end = events.head().await.unwrap().position.get();
        assert_eq!(end, last + 5);
    }
}

/// A prepared transaction has no session, and holds the mark until somebody decides on it.
#[tokio::test]
async fn the_mark_waits_for_a_prepared_transaction() {
    let (postgres, database) = open().await;
    let events = postgres.events();
    let mut raw = database.connect().await.unwrap();
    let row = raw
        .fetch_one("SELECT current_setting('max_prepared_transactions')::integer > 0")
        .await
        .unwrap();
    if !row.get::<bool, _>(0) {
        println!("not tested: the server has no prepared transactions");
        return;
    }
    raw.execute("BEGIN").await.unwrap();
    query(APPEND)
        .bind("slow")
        .bind(2)
        .execute(&mut raw)
        .await
        .unwrap();
    let name = database.name();
    raw.execute(AssertSqlSafe(format!("PREPARE TRANSACTION '{name}'")))
        .await
        .unwrap();
    let batch = [append("fast", Expected::Any, 3)];
    events.append(&batch).await.unwrap()[0].as_ref().unwrap();
    assert_eq!(events.head().await.unwrap().position.get(), 0);
    raw.execute(AssertSqlSafe(format!("COMMIT PREPARED '{name}'")))
        .await
        .unwrap();
    assert_eq!(events.head().await.unwrap().position.get(), 5);
}

/// A snapshot that is older than the mark would hide what was committed in between.
#[tokio::test]
async fn another_isolation_level_is_refused() {
    let (_postgres, database) = open().await;
    let mut raw = database.connect().await.unwrap();
    for level in ["REPEATABLE READ", "SERIALIZABLE"] {
        let begin = format!("BEGIN ISOLATION LEVEL {level}");
        for call in ["SELECT * FROM cqrs.read_head(0, NULL, NULL)", APPEND] {
            raw.execute(AssertSqlSafe(begin.clone())).await.unwrap();
            let call = call.replace("$1", "'a'").replace("$2", "1");
            let refused = raw.execute(AssertSqlSafe(call)).await.unwrap_err();
            assert_eq!(
                refused.as_database_error().unwrap().code().unwrap(),
                "25001"
            );
            raw.execute("ROLLBACK").await.unwrap();
        }
    }
    // The database's default does not reach the store's own connections.
    let default = format!(
        "ALTER DATABASE {} SET default_transaction_isolation = 'serializable'",
        database.name()
    );
    raw.execute(AssertSqlSafe(default)).await.unwrap();
    let events = Postgres::open(database.url()).await.unwrap().events();
    events
        .append(&[append("a", Expected::NoStream, 1)])
        .await
        .unwrap()[0]
        .as_ref()
        .unwrap();
    assert_eq!(events.head().await.unwrap().position.get(), 1);
}
