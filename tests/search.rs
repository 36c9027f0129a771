//! Full-text search, from the derive to the hit, and the same on every store whatever is typed.

#![cfg(feature = "sqlite")]
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cqrs::Position;
use cqrs::doc::{AccountCommand::*, AccountEvent, AccountId};
use cqrs::prelude::*;
use cqrs::query::Part;
use cqrs::sqlite::{Sqlite, SqliteConfig};
use cqrs::store::Stores;
use cqrs::view::{
    ColumnKind, ColumnSchema, PageWrite, Row, RowChanges, Value, ViewSchema, ViewSearch, ViewTable,
};
use cqrs_core::checkpoint::{Checkpoint, ClaimOutcome, ClaimRequest};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

#[derive(Projection, Clone, Debug, PartialEq)]
#[projection(name = "owners", events(AccountEvent), index(deposits))]
struct Owner {
    account: AccountId,
    #[projection(full_text)]
    name: String,
    #[projection(full_text)]
    note: Option<String>,
    deposits: u32,
}

impl Project<AccountEvent> for Owner {
    fn project(event: &Recorded<AccountEvent>, rows: &mut Rows<Self>) {
        match &event.data {
            AccountEvent::Opened { owner } => {
                rows.upsert(&event.id, |row| row.name = owner.clone())
            }
            AccountEvent::Deposited { amount } => rows.update(&event.id, |row| {
                row.deposits += 1;
                row.note = Some(format!("the last deposit was {amount}"));
            }),
            AccountEvent::Withdrawn { .. } => rows.delete(&event.id),
        }
    }
}

async fn on_sqlite() -> (App, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("search.db").display());
    (App::open(&url).project::<Owner>().await.unwrap(), folder)
}

async fn people(app: &App) {
    let people = [
        ("ada", "Ada Lovelace"),
        ("bob", "Bob"),
        ("zoe", "Zoë <Ada> Müller"),
    ];
    for (id, owner) in people {
        let (id, owner) = (id.into(), owner.to_owned());
        app.execute(Open { id, owner }).await.unwrap();
    }
    let (id, amount) = ("ada".into(), 500);
    let receipt = app.execute(Deposit { id, amount }).await.unwrap();
    app.wait_for::<Owner>(receipt.position).await.unwrap();
}

async fn found(app: &App, text: &str) -> Vec<String> {
    let hits = app.view::<Owner>().search(text).best(20).await.unwrap();
    let mut ids: Vec<String> = hits.iter().map(|hit| hit.row.account.to_string()).collect();
    ids.sort_unstable();
    ids
}

async fn a_hit_is_a_row_with_its_highlights(app: App) {
    people(&app).await;
    let zoe = app
        .view::<Owner>()
        .search("zoe mull*")
        .best(20)
        .await
        .unwrap();
    assert_eq!(zoe.len(), 1);
    assert_eq!(zoe[0].row.name, "Zoë <Ada> Müller");
    assert_eq!(zoe[0].highlights.len(), 1);
    assert_eq!(zoe[0].highlights[0].column, "name");
    assert!(zoe[0].highlight(Owner::NOTE).is_empty());
    let name = &zoe[0].highlight(Owner::NAME)[0];
    let parts: Vec<Part<'_>> = name.parts().collect();
    let expected = [
        Part::Marked("Zoë"),
        Part::Plain(" <Ada> "),
        Part::Marked("Müller"),
    ];
    assert_eq!(parts, expected);
    assert_eq!(
        name.to_html(),
        "<mark>Zoë</mark> &lt;Ada&gt; <mark>Müller</mark>"
    );

    let ada = app.view::<Owner>().search("ada \"deposit was 500\"");
    let ada = ada.best(20).await.unwrap();
    let columns: Vec<&str> = ada[0].highlights.iter().map(|found| found.column).collect();
    assert_eq!((ada.len(), columns), (1, vec!["name", "note"]));
}

#[tokio::test]
async fn a_hit_is_a_row_with_its_highlights_in_memory() {
    a_hit_is_a_row_with_its_highlights(App::in_memory().project::<Owner>().await.unwrap()).await;
}

#[tokio::test]
async fn a_hit_is_a_row_with_its_highlights_on_sqlite() {
    let (app, _folder) = on_sqlite().await;
    a_hit_is_a_row_with_its_highlights(app).await;
}

#[tokio::test]
async fn a_search_follows_the_view() {
    let (app, _folder) = on_sqlite().await;
    people(&app).await;
    assert_eq!(found(&app, "ada").await, ["ada", "zoe"]);
    let filtered = app
        .view::<Owner>()
        .search("ada")
        .filter(Owner::DEPOSITS.ge(1_u32));
    let filtered = filtered.best(20).await.unwrap();
    assert_eq!(filtered.len(), 1);
    assert_eq!(found(&app, "500").await, ["ada"]);
    let (id, amount) = (AccountId::from("ada"), 7);
    let receipt = app
        .execute(Deposit {
            id: id.clone(),
            amount,
        })
        .await
        .unwrap();
    app.wait_for::<Owner>(receipt.position).await.unwrap();
    assert_eq!(found(&app, "500").await, [""; 0]);
    assert_eq!(found(&app, "7").await, ["ada"]);
    let receipt = app.execute(Withdraw { id, amount }).await.unwrap();
    app.wait_for::<Owner>(receipt.position).await.unwrap();
    assert_eq!(found(&app, "ada").await, ["zoe"]);
}

#[tokio::test]
async fn an_unregistered_view_is_an_error_whatever_is_typed() {
    let app = App::in_memory().await.unwrap();
    for text in ["ada", ""] {
        let error = app.view::<Owner>().search(text).best(1).await.unwrap_err();
        assert!(error.to_string().contains(".project::<"), "{error}");
    }
}

fn schema() -> ViewSchema {
    let mut schema = ViewSchema::new("texts", 1);
    schema.columns = vec![
        ColumnSchema::new("id", ColumnKind::Integer),
        ColumnSchema::new("title", ColumnKind::Text),
        ColumnSchema::new("body", ColumnKind::Text),
    ];
    schema.columns[2].nullable = true;
    schema.full_text = vec![1, 2];
    schema
}

/// A text of known words in any case, form and company, now and then of anything.
fn text() -> impl Strategy<Value = String> {
    let words = vec![
        "red",
        "RED",
        "mug",
        "mugs",
        "café",
        "cafe\u{301}",
        "CAFÉ",
        "straße",
        "STRASSE",
        "Σίσυφος",
        "東京",
        "京都",
        "t-light",
        "5",
        "½",
        "and",
        "or",
        "not",
        "near",
    ];
    let known = prop::sample::select(words).prop_map(str::to_owned);
    let between = prop::sample::select(vec![" ", "  ", "-", ", ", "\u{ad}", "\u{200d}", ""]);
    let word = prop_oneof![8 => known, 1 => any::<String>()];
    vec((word, between), 0..8).prop_map(|words| {
        let words = words.into_iter().map(|(word, between)| word + between);
        words.collect()
    })
}

/// Texts with what FTS5, Postgres and Elasticsearch take for operators.
fn search() -> impl Strategy<Value = String> {
    let operators = vec![
        "\"", "*", "(", ")", ":", "^", "+", "-", " AND ", " OR ", " NOT ", "NEAR(", "'", "\\", "{",
        "}", "title:", "|", "&", "!", "<->", "~", "?", "\0", "“", "”",
    ];
    let operator = prop::sample::select(operators).prop_map(str::to_owned);
    vec(prop_oneof![3 => text(), 2 => operator], 0..4).prop_map(|parts| parts.concat())
}

async fn filled(stores: &Stores, rows: &[Row]) -> Arc<dyn ViewTable> {
    let table = stores.views.open(&schema()).await.unwrap();
    let log = uuid::Uuid::from_u128(7);
    let initial = Checkpoint::new(log, Position::START, None);
    let request = ClaimRequest::new(log, Duration::from_secs(600), &initial);
    let ClaimOutcome::Held { claim, .. } = table.claim(request).await.unwrap() else {
        panic!("the lease is held");
    };
    let to = Checkpoint::new(log, Position::new(1), None);
    let mut fold = |_| {
        Ok(RowChanges {
            inserts: rows.to_vec(),
            ..RowChanges::default()
        })
    };
    let page = PageWrite::new(&claim, Position::START, &to, &mut fold);
    table.write_page(page).await.unwrap();
    table
}

async fn ids(table: &dyn ViewTable, search: &str) -> BTreeSet<String> {
    let rows = table.search(&ViewSearch::best(100, search)).await.unwrap();
    rows.iter().map(|row| format!("{:?}", row[0])).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_hit_shows_what_was_found_whatever_is_typed(
        texts in vec(text(), 1..20),
        searches in vec(search(), 10),
    ) {
        // No event holds a NUL.
        let owner = texts.join(" ").replace('\0', "");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let app = App::in_memory().project::<Owner>().await.unwrap();
            let id = AccountId::from("ada");
            let receipt = app.execute(Open { id, owner: owner.clone() }).await.unwrap();
            app.wait_for::<Owner>(receipt.position).await.unwrap();
            for search in searches {
                for hit in app.view::<Owner>().search(&search).best(9).await.unwrap() {
                    let fragments = hit.highlight(Owner::NAME);
                    prop_assert!((1..=3).contains(&fragments.len()), "{:?}", search);
                    for fragment in fragments {
                        prop_assert!(owner.contains(&fragment.text));
                        prop_assert!(fragment.parts().any(|part| matches!(part, Part::Marked(_))));
                        let parts = fragment.parts().map(|part| match part {
                            Part::Plain(text) | Part::Marked(text) => text,
                        });
                        prop_assert_eq!(&parts.collect::<String>(), &fragment.text);
                    }
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn every_store_finds_the_same_rows_whatever_is_typed(
        texts in vec((text(), option::of(text())), 0..12),
        searches in vec(search(), 20),
    ) {
        let row = |(number, (title, body)): (i64, (String, Option<String>))| {
            let body = body.map_or(Value::Null, Value::Text);
            vec![Value::Integer(number), Value::Text(title), body]
        };
        let rows: Vec<Row> = (0..).zip(texts).map(row).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let config = SqliteConfig::new(folder.path().join("search.db"));
            let sqlite = Sqlite::open_with(config).await.unwrap().stores();
            let in_memory = filled(&Stores::memory(), &rows).await;
            let on_sqlite = filled(&sqlite, &rows).await;
            for search in searches {
                let expected = ids(in_memory.as_ref(), &search).await;
                prop_assert_eq!(ids(on_sqlite.as_ref(), &search).await, expected, "{:?}", search);
            }
            Ok(())
        })?;
    }
}

#[cfg(feature = "postgres")]
proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// Also in the same order, since relevance is computed alike.
    #[test]
    fn postgres_finds_the_same_rows_whatever_is_typed(
        texts in vec((text(), option::of(text())), 0..12),
        searches in vec(search(), 20),
    ) {
        let row = |(number, (title, body)): (i64, (String, Option<String>))| {
            let body = body.map_or(Value::Null, Value::Text);
            vec![Value::Integer(number), Value::Text(title), body]
        };
        let without_nul = |text: String| text.replace('\0', " ");
        let texts = texts.into_iter();
        let texts = texts.map(|(title, body)| (without_nul(title), body.map(without_nul)));
        let rows: Vec<Row> = (0..).zip(texts).map(row).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let database = postgres_server::Database::create().await.unwrap();
            let postgres = cqrs::postgres::Postgres::open(database.url()).await.unwrap();
            let in_memory = filled(&Stores::memory(), &rows).await;
            let on_postgres = filled(&postgres.stores(), &rows).await;
            for search in searches {
                let search = ViewSearch::best(100, &search);
                let expected = in_memory.search(&search).await.unwrap();
                prop_assert_eq!(on_postgres.search(&search).await.unwrap(), expected, "{:?}", search);
            }
            Ok(())
        })?;
    }
}

#[cfg(feature = "test")]
mod without_a_store {
    use super::{AccountEvent, Owner};
    use cqrs::test::{GivenEvents, given_events};

    fn ada_and_bob() -> GivenEvents {
        let opened = |owner: &str| {
            [AccountEvent::Opened {
                owner: owner.to_owned(),
            }]
        };
        given_events("ada", opened("Ada Lovelace")).and("bob", opened("Bob Bob"))
    }

    #[test]
    fn a_test_needs_no_store() {
        ada_and_bob()
            .and(
                "eve",
                [AccountEvent::Opened {
                    owner: "Bob and Eve".into(),
                }],
            )
            .then_found::<Owner>("bob", ["bob".into(), "eve".into()]);
        ada_and_bob().then_found::<Owner>("eve", []);
    }

    #[test]
    #[should_panic(expected = "hits differ")]
    fn a_test_shows_what_is_found_instead() {
        ada_and_bob().then_found::<Owner>("love*", ["bob".into()]);
    }
}
