//! Whatever fails and wherever a worker ends: mended and tried again, the view is the fold of the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cqrs::prelude::*;
use cqrs::store::Stores;
use cqrs::view::MemoryViewStore;
use proptest::prelude::*;

use crate::domain::{
    DividedTally, Entry, Fact, Tally, added, mend, options, record, rows, spoil, start_with,
};
use crate::faults::FaultyViews;

const KEYS: [&str; 4] = ["a", "b", "c", "d"];
const GROUPS: [&str; 3] = ["", "red", "blue"];

/// What happens, in which stream, and whether it fails at first.
type Happening = (usize, Kind, bool);

#[derive(Debug, Clone)]
enum Kind {
    Added(Vec<usize>, i64),
    Grouped(usize, usize),
    Renamed(usize, usize),
    Dropped(usize),
    Old(i64),
}

/// Events that touch any keys, by name or by filter.
fn readable() -> impl Strategy<Value = Kind> {
    let keys = prop::collection::btree_set(0..KEYS.len(), 1..3);
    prop_oneof![
        4 => (keys, 1..9_i64).prop_map(|(keys, n)| Kind::Added(keys.into_iter().collect(), n)),
        2 => (0..KEYS.len(), 0..GROUPS.len()).prop_map(|(key, group)| Kind::Grouped(key, group)),
        2 => (0..GROUPS.len(), 0..GROUPS.len()).prop_map(|(old, new)| Kind::Renamed(old, new)),
        1 => (0..KEYS.len()).prop_map(Kind::Dropped),
    ]
}

/// Events that touch the key of their stream alone, of which some cannot be read at first.
fn of_the_stream() -> impl Strategy<Value = Kind> {
    prop_oneof![
        (1..9_i64).prop_map(Kind::Old),
        (1..9_i64).prop_map(|n| Kind::Added(Vec::new(), n)),
    ]
}

fn log(kind: impl Strategy<Value = Kind>) -> impl Strategy<Value = Vec<Happening>> {
    let fails = prop::bool::weighted(0.2);
    prop::collection::vec((0..KEYS.len(), kind, fails), 1..40)
}

fn fact((stream, kind, _): &Happening, token: u64) -> Fact {
    let (key, group) = (
        |key: usize| KEYS[key].to_owned(),
        |group: usize| GROUPS[group].to_owned(),
    );
    match kind {
        Kind::Added(keys, number) if keys.is_empty() => added(&[KEYS[*stream]], *number, token),
        Kind::Added(keys, number) => {
            let keys: Vec<&str> = keys.iter().map(|key| KEYS[*key]).collect();
            added(&keys, *number, token)
        }
        Kind::Grouped(at, to) => Fact::Grouped {
            key: key(*at),
            group: group(*to),
            token,
        },
        Kind::Renamed(old, new) => Fact::Renamed {
            old: group(*old),
            new: group(*new),
            token,
        },
        Kind::Dropped(at) => Fact::Dropped {
            key: key(*at),
            token,
        },
        Kind::Old(number) => Fact::Old {
            number: *number,
            token,
        },
    }
}

/// Tokens of one run, which no other run has.
static RUN: AtomicU64 = AtomicU64::new(1);

/// Some are mended and tried again one by one, while others go on to fail.
async fn retry_some<P: Projection>(app: &App, last: cqrs::Position, tokens: std::ops::Range<u64>) {
    app.wait_for::<P>(last).await.unwrap();
    tokens.for_each(mend);
    let letters = app.dead_letters::<P>().unwrap();
    for letter in letters.list(5).await.unwrap() {
        // One may have gone with another.
        let _ = letters.retry(&letter.id).await;
    }
}

async fn run<P: Projection + Into<Entry>>(
    stores: Stores,
    log: Vec<Happening>,
    page: usize,
    restart: usize,
) {
    let first = RUN.fetch_add(1, Ordering::SeqCst) * 1_000_000;
    let token = |index: usize| first + index as u64;
    for (index, (_, _, fails)) in log.iter().enumerate() {
        if *fails {
            spoil(token(index));
        }
    }
    let options = options().page_size(page);
    let mut app = start_with::<P>(&stores, options.clone()).await;
    let mut last = cqrs::Position::START;
    for (index, happening) in log.iter().enumerate() {
        if index == log.len() * 2 / 3 {
            retry_some::<P>(&app, last, first..token(index / 2)).await;
        }
        last = record(&app, KEYS[happening.0], fact(happening, token(index))).await;
        if index % restart == 0 {
            app.shutdown().await;
            app = start_with::<P>(&stores, options.clone()).await;
        }
    }
    app.wait_for::<P>(last).await.unwrap();
    let letters = app.dead_letters::<P>().unwrap();
    for index in 0..log.len() {
        mend(token(index));
    }
    letters.retry_all().await.unwrap();
    assert_eq!(letters.list(100).await.unwrap(), []);
    let found = rows::<P>(&app).await;
    app.shutdown().await;

    let views = Arc::new(MemoryViewStore::default());
    let plain = start_with::<Tally>(&Stores { views, ..stores }, options).await;
    plain.wait_for::<Tally>(last).await.unwrap();
    assert_eq!(found, rows::<Tally>(&plain).await);
    plain.shutdown().await;
}

/// Whoever builds a partition finds itself overtaken where the answer to a page was lost; then all begin
/// anew, and none waits for it.
#[test]
fn a_divided_view_is_rebuilt_when_the_answers_of_the_database_are_lost() {
    for every in 3..9 {
        block_on_paused(async move {
            let views = Arc::new(FaultyViews::new(every));
            let stores = Stores {
                views,
                ..Stores::memory()
            };
            let app = start_with::<DividedTally>(&stores, options().page_size(10)).await;
            let mut last = cqrs::Position::START;
            for number in 0..60 {
                let key = KEYS[number % KEYS.len()];
                last = record(&app, "s", added(&[key], number as i64, 0)).await;
            }
            app.wait_for::<DividedTally>(last).await.unwrap();
            let before = rows::<DividedTally>(&app).await;
            app.rebuild::<DividedTally>().await.unwrap();
            assert_eq!(rows::<DividedTally>(&app).await, before);
            app.shutdown().await;
        });
    }
}

/// What waits in a test is never the world outside, so time passes at once.
fn block_on_paused(future: impl Future<Output = ()>) {
    block_on(async {
        tokio::time::pause();
        future.await;
    });
}

fn block_on(future: impl Future<Output = ()>) {
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.to_string();
        if !text.contains("is bad") {
            eprintln!("{text}");
        }
    }));
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(future);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_mended_view_in_memory_is_the_fold_of_the_log(
        log in log(readable()), page in 1..10_usize, restart in 2..20_usize,
    ) {
        block_on_paused(run::<Tally>(Stores::memory(), log, page, restart));
    }

    #[test]
    fn so_it_is_after_events_that_could_not_be_read(
        log in log(of_the_stream()), page in 1..10_usize, restart in 2..20_usize,
    ) {
        block_on_paused(run::<Tally>(Stores::memory(), log, page, restart));
    }

    #[test]
    fn so_it_is_where_the_view_is_divided(
        log in prop_oneof![log(readable()), log(of_the_stream())],
        page in 1..10_usize,
        restart in 2..20_usize,
    ) {
        block_on_paused(run::<DividedTally>(Stores::memory(), log, page, restart));
    }

    #[test]
    fn so_it_is_when_the_answers_of_the_database_are_lost(
        log in prop_oneof![log(readable()), log(of_the_stream())], page in 1..10_usize, every in 2..7_u64,
    ) {
        let views = Arc::new(FaultyViews::new(every));
        block_on_paused(run::<Tally>(Stores { views, ..Stores::memory() }, log, page, 100));
    }
}

#[cfg(feature = "sqlite")]
proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn a_mended_view_on_sqlite_is_the_fold_of_the_log(
        log in log(readable()), page in 1..10_usize, restart in 2..20_usize,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("facts.db");
        block_on(async {
            let url = format!("sqlite:{}", file.display());
            let sqlite = cqrs::sqlite::Sqlite::open(&url).await.unwrap();
            run::<Tally>(sqlite.stores(), log, page, restart).await;
        });
    }

    #[test]
    fn so_it_is_on_sqlite_where_the_view_is_divided(
        log in prop_oneof![log(readable()), log(of_the_stream())],
        page in 1..10_usize,
        restart in 2..20_usize,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("facts.db");
        block_on(async {
            let url = format!("sqlite:{}", file.display());
            let sqlite = cqrs::sqlite::Sqlite::open(&url).await.unwrap();
            run::<DividedTally>(sqlite.stores(), log, page, restart).await;
        });
    }
}

#[cfg(feature = "postgres")]
proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn a_mended_view_on_postgres_is_the_fold_of_the_log(
        log in log(readable()), page in 1..10_usize, restart in 2..20_usize,
    ) {
        block_on(async {
            let database = postgres_server::Database::create().await.unwrap();
            let postgres = cqrs::postgres::Postgres::open(database.url()).await.unwrap();
            run::<Tally>(postgres.stores(), log, page, restart).await;
        });
    }

    #[test]
    fn so_it_is_on_postgres_where_the_view_is_divided(
        log in prop_oneof![log(readable()), log(of_the_stream())],
        page in 1..10_usize,
        restart in 2..20_usize,
    ) {
        block_on(async {
            let database = postgres_server::Database::create().await.unwrap();
            let postgres = cqrs::postgres::Postgres::open(database.url()).await.unwrap();
            run::<DividedTally>(postgres.stores(), log, page, restart).await;
        });
    }
}
