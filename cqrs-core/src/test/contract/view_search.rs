//! The view store's contract: full-text search.

use std::time::Duration;

use uuid::Uuid;

use super::sample::{at, claim, fill, ids, text, write};
use crate::checkpoint::{Claim, ClaimRequest};
use crate::store::Stores;
use crate::view::{
    BuildOutcome, ColumnKind, ColumnSchema, Row, RowChanges, Test, Value, ViewRowFilter,
    ViewSchema, ViewSearch, ViewTable,
};

const TITLE: usize = 1;
const BODY: usize = 2;
const NUMBER: usize = 3;

/// A view with two full-text columns.
fn schema() -> ViewSchema {
    let mut schema = ViewSchema::new("articles", 1);
    let columns = [
        ("id", ColumnKind::Text),
        ("title", ColumnKind::Text),
        ("body", ColumnKind::Text),
        ("number", ColumnKind::Integer),
    ];
    let column = |(name, kind)| ColumnSchema::new(name, kind);
    schema.columns = columns.map(column).into();
    schema.columns[BODY].nullable = true;
    schema.indexes = vec![vec![NUMBER]];
    schema.full_text = vec![TITLE, BODY];
    schema
}

fn article(id: &str, title: &str, body: Option<&str>, number: i64) -> Row {
    let body = body.map_or(Value::Null, text);
    vec![text(id), text(title), body, Value::Integer(number)]
}

fn sample() -> Vec<Row> {
    vec![
        article("a", "Red mug", Some("A mug for tea, dishwasher-proof"), 1),
        article("b", "Red pot", Some("for tea"), 2),
        article("c", "BLUE MUG", None, 2),
        article("d", "Café au lait", Some("Weiße Tasse; Größe 2"), 3),
        article("e", "", Some(""), 4),
    ]
}

async fn best(table: &dyn ViewTable, search: &str) -> Vec<String> {
    let rows = table.search(&ViewSearch::best(10, search)).await.unwrap();
    ids(&rows).into_iter().map(str::to_owned).collect()
}

/// Which rows, where their order is a matter of degrees.
async fn found(table: &dyn ViewTable, search: &str) -> Vec<String> {
    let mut ids = best(table, search).await;
    ids.sort_unstable();
    ids
}

pub async fn every_word_must_be_there(stores: &Stores) {
    let table = stores.views.open(&schema()).await.unwrap();
    let table = table.as_ref();
    assert!(best(table, "red").await.is_empty(), "nothing is there yet");
    fill(table, sample()).await;
    assert_eq!(found(table, "mug").await, ["a", "c"]);
    assert_eq!(found(table, "tea red").await, ["a", "b"], "in any column");
    assert_eq!(best(table, "red mug").await, ["a"]);
    assert_eq!(best(table, "proof").await, ["a"]);
    assert!(best(table, "red blue").await.is_empty());
    assert!(best(table, "mugs").await.is_empty());
    assert!(best(table, "mu").await.is_empty());
}

pub async fn case_and_accents_do_not_count(stores: &Stores) {
    let table = stores.views.open(&schema()).await.unwrap();
    fill(table.as_ref(), sample()).await;
    for search in [
        "cafe",
        "CAFÉ",
        "cafe\u{301}",
        "Lait",
        "weisse",
        "GRÖSSE",
        "2",
    ] {
        assert_eq!(best(table.as_ref(), search).await, ["d"], "{search}");
    }
    assert_eq!(best(table.as_ref(), "blue").await, ["c"]);
}

/// Also of scripts that a database's own tables may not know, and with marks that make a letter.
pub async fn letters_of_every_script_count(stores: &Stores) {
    let table = stores.views.open(&schema()).await.unwrap();
    let texts = [
        "か",
        "が",
        "कु",
        "की",
        "ไม่",
        "ไม",
        "한국",
        "𞤀𞤁",
        "𐒰𐒱",
        "ⴰⵎ",
        "東京",
        "京東",
    ];
    let row = |text| article(text, text, None, 0);
    fill(table.as_ref(), texts.map(row).to_vec()).await;
    for text in texts {
        assert_eq!(best(table.as_ref(), text).await, [text]);
    }
}

pub async fn a_phrase_stands_side_by_side(stores: &Stores) {
    let table = stores.views.open(&schema()).await.unwrap();
    let table = table.as_ref();
    fill(table, sample()).await;
    assert_eq!(best(table, r#""mug for tea""#).await, ["a"]);
    assert_eq!(found(table, r#""for tea""#).await, ["a", "b"]);
    assert!(best(table, r#""tea mug""#).await.is_empty());
    let across = r#""pot for""#;
    assert!(
        best(table, across).await.is_empty(),
        "one column's end and another's beginning"
    );
    assert_eq!(best(table, "dishwasher-proof").await, ["a"]);
    assert!(best(table, "proof-dishwasher").await.is_empty());
    assert_eq!(best(table, r#""red pot" tea"#).await, ["b"]);
}

pub async fn a_star_finds_beginnings(stores: &Stores) {
    let table = stores.views.open(&schema()).await.unwrap();
    let table = table.as_ref();
    fill(table, sample()).await;
    assert_eq!(found(table, "mu*").await, ["a", "c"]);
    assert_eq!(found(table, "mug*").await, ["a", "c"]);
    assert_eq!(best(table, "GRÖS*").await, ["d"]);
    assert_eq!(best(table, r#""red p*""#).await, ["b"]);
    assert_eq!(best(table, r#""red p"*"#).await, ["b"]);
    assert!(
        best(table, "*ug").await.is_empty(),
        "an end is no beginning"
    );
    assert_eq!(best(table, "r* m* te*").await, ["a"]);
}

/// Only clear cases: how much a place or a length counts is a store's own.
pub async fn the_best_row_comes_first(stores: &Stores) {
    let table = stores.views.open(&schema()).await.unwrap();
    let filler = "other words that make this text a long one ".repeat(5);
    let mut rows: Vec<Row> = (0..20)
        .map(|number| article(&format!("x{number:02}"), "nothing", Some("common"), number))
        .collect();
    rows.push(article("long", "tea", Some(&filler), 0));
    rows.push(article("once", "tea", Some("and common water"), 0));
    rows.push(article("often", "tea", Some("tea and tea"), 0));
    rows.push(article("twin", "tea", Some("and common water"), 0));
    fill(table.as_ref(), rows).await;
    let expected = ["often", "once", "twin", "long"];
    assert_eq!(best(table.as_ref(), "tea").await, expected);
    let of_ten = best(table.as_ref(), "common").await;
    assert_eq!(of_ten.len(), 10, "and no more than were asked for");
    let search = ViewSearch::best(2, "tea");
    let rows = table.search(&search).await.unwrap();
    assert_eq!(ids(&rows), expected[..2]);
}

pub async fn a_search_is_filtered(stores: &Stores) {
    let table = stores.views.open(&schema()).await.unwrap();
    fill(table.as_ref(), sample()).await;
    let number = |number| ViewRowFilter {
        column: NUMBER,
        test: Test::Equals(Value::Integer(number)),
    };
    let mut search = ViewSearch::best(1, "mug");
    search.filters = vec![number(2)];
    let rows = table.search(&search).await.unwrap();
    assert_eq!(rows, [sample().remove(2)], "the row comes back whole");
    search.filters.push(number(1));
    assert!(table.search(&search).await.unwrap().is_empty());
}

async fn change(table: &dyn ViewTable, claim: &Claim, from: u64, changes: RowChanges) {
    let keys = ["a", "b", "c", "d", "e", "f"];
    write(table, claim, from..from + 1, (&keys, &[]), |_| {
        changes.clone()
    })
    .await
    .unwrap();
}

pub async fn changed_rows_leave_no_stale_hit(stores: &Stores) {
    let table = stores.views.open(&schema()).await.unwrap();
    let table = table.as_ref();
    let claim = fill(table, sample()).await;
    let updates = vec![
        article("a", "Green mug", Some("A mug for tea, dishwasher-proof"), 1),
        article("b", "Red pot", None, 2),
    ];
    let changes = RowChanges {
        inserts: vec![article("f", "Red tea", None, 9)],
        updates,
        updated_columns: vec![TITLE, BODY],
        deletes: vec![text("c")],
    };
    change(table, &claim, 1, changes).await;
    assert_eq!(found(table, "red").await, ["b", "f"]);
    assert_eq!(best(table, "green").await, ["a"]);
    assert_eq!(
        found(table, "tea").await,
        ["a", "f"],
        "one text became null"
    );
    assert_eq!(best(table, "mug").await, ["a"], "one row is gone");

    let changes = RowChanges {
        inserts: vec![article("c", "Black mug", None, 2)],
        updates: vec![article("f", "Red tea", None, 10)],
        updated_columns: vec![NUMBER],
        deletes: vec![text("a"), text("b")],
    };
    change(table, &claim, 2, changes).await;
    assert_eq!(
        best(table, "mug").await,
        ["c"],
        "the key is back with another text"
    );
    assert!(best(table, "blue").await.is_empty());
    let rows = table
        .search(&ViewSearch::best(10, "red tea"))
        .await
        .unwrap();
    assert_eq!(rows, [article("f", "Red tea", None, 10)]);

    let changes = RowChanges {
        deletes: vec![text("f"), text("c")],
        ..RowChanges::default()
    };
    change(table, &claim, 3, changes).await;
    let changes = RowChanges {
        inserts: vec![article("b", "White cup", None, 1)],
        ..RowChanges::default()
    };
    change(table, &claim, 4, changes).await;
    assert_eq!(best(table, "cup").await, ["b"]);
    assert!(best(table, "red").await.is_empty());
    let again = stores.views.open(&schema()).await.unwrap();
    assert_eq!(best(again.as_ref(), "cup").await, ["b"]);
}

pub async fn a_page_that_is_not_written_changes_no_hit(stores: &Stores) {
    let table = stores.views.open(&schema()).await.unwrap();
    let table = table.as_ref();
    let claim = fill(table, sample()).await;
    let changes = RowChanges {
        inserts: vec![article("f", "Yellow mug", None, 1)],
        deletes: vec![text("a")],
        ..RowChanges::default()
    };
    let elsewhere = 7..8;
    let refused = write(table, &claim, elsewhere, (&["f", "a"], &[]), |_| {
        changes.clone()
    })
    .await;
    assert!(refused.is_err());
    assert!(best(table, "yellow").await.is_empty());
    assert_eq!(found(table, "mug").await, ["a", "c"]);
}

pub async fn any_text_can_be_searched_for(stores: &Stores) {
    let table = stores.views.open(&schema()).await.unwrap();
    let table = table.as_ref();
    fill(table, sample()).await;
    for nothing in [
        "", " ", "\"", "\"\"", "*", "**", "\0", "🐎", "(", "-", "'", "\\", "\u{301}",
    ] {
        assert!(best(table, nothing).await.is_empty(), "{nothing:?}");
    }
    let same = [
        "\"red mug",
        "red\0mug",
        "red ) mug (",
        "title:red-mug AND",
        "-red +mug",
        "^red mug",
        "{title} : red",
        "red' mug\\",
        "NEAR(red mug, 2)",
        "red\u{202e}mug",
        "\u{feff}red mug",
    ];
    for search in same {
        let words: Vec<String> = crate::view::words(search).map(|word| word.text).collect();
        let all_there = words.iter().all(|word| word == "red" || word == "mug");
        let expected: &[&str] = if all_there { &["a"] } else { &[] };
        assert_eq!(best(table, search).await, expected, "{search:?}");
    }
    for operator in [
        "red AND mug",
        "red OR blue",
        "red NOT pot",
        "title: red",
        "red NEAR mug",
    ] {
        assert!(
            best(table, operator).await.is_empty(),
            "{operator}: all are words"
        );
    }
    let long = "red ".repeat(100_000);
    assert_eq!(found(table, &long).await, ["a", "b"]);
    let word = "x".repeat(1_000_000);
    assert!(best(table, &word).await.is_empty());
}

/// Names that mean something to one store or another, and each kind of key.
pub async fn searched_columns_may_have_any_name(stores: &Stores) {
    const NAMES: [&str; 6] = ["rank", "words", "document", "hit", "search", "column1"];
    for (version, kind) in [(1, ColumnKind::Text), (2, ColumnKind::Integer)] {
        let mut schema = ViewSchema::new("names", version);
        schema.columns = vec![ColumnSchema::new("key", kind)];
        let columns = NAMES.map(|name| ColumnSchema::new(name, ColumnKind::Text));
        schema.columns.extend(columns);
        schema
            .columns
            .push(ColumnSchema::new("ratio", ColumnKind::Float));
        schema.full_text = (1..=NAMES.len()).collect();
        let table = stores.views.open(&schema).await.unwrap();
        let table = table.as_ref();
        let claim = claim(table, 1).await;
        let row = |number: i64| {
            let key = match kind {
                ColumnKind::Text => text(&format!("k{number}")),
                _ => Value::Integer(number),
            };
            let texts = NAMES.map(|name| text(&format!("{name} {number}")));
            let ratio = Value::Float(0.1);
            [key]
                .into_iter()
                .chain(texts)
                .chain([ratio])
                .collect::<Row>()
        };
        let rows = [-3, 9, 4].map(row);
        let changes = RowChanges {
            inserts: rows.to_vec(),
            ..RowChanges::default()
        };
        write(table, &claim, 0..1, (&[], &[]), |_| changes.clone())
            .await
            .unwrap();
        let search = ViewSearch::best(9, "\"rank 9\" \"document 9\"");
        assert_eq!(table.search(&search).await.unwrap(), rows[1..2]);
        let changes = RowChanges {
            deletes: vec![rows[1][0].clone()],
            ..RowChanges::default()
        };
        write(table, &claim, 1..2, (&[], &[]), |_| changes.clone())
            .await
            .unwrap();
        assert!(table.search(&search).await.unwrap().is_empty());
        let search = ViewSearch::best(9, "hit");
        assert_eq!(table.search(&search).await.unwrap().len(), 2);
    }
}

pub async fn a_view_without_full_text_finds_nothing(stores: &Stores) {
    let mut plain = schema();
    plain.full_text.clear();
    assert_ne!(plain.fingerprint(), schema().fingerprint());
    let table = stores.views.open(&plain).await.unwrap();
    fill(table.as_ref(), sample()).await;
    assert!(best(table.as_ref(), "red").await.is_empty());
    let searched = stores.views.open(&schema()).await.unwrap();
    assert!(
        best(searched.as_ref(), "red").await.is_empty(),
        "it is made anew"
    );
    fill(searched.as_ref(), sample()).await;
    assert_eq!(found(searched.as_ref(), "red").await, ["a", "b"]);
}

/// Also the second time, when its words have been given the names of the ones before.
pub async fn a_built_table_brings_its_words(stores: &Stores) {
    let table = stores.views.open(&schema()).await.unwrap();
    fill(table.as_ref(), sample()).await;
    for (holder, title) in [(2, "Second"), (3, "Third")] {
        let (initial, lease) = (at(0), Duration::from_secs(60));
        let request = ClaimRequest::new(Uuid::from_u128(holder), lease, &initial);
        let built = stores.views.build(&schema(), request).await.unwrap();
        let BuildOutcome::Held {
            table: built,
            claim,
        } = built
        else {
            panic!("somebody builds it: {built:?}");
        };
        let rows = vec![article("a", title, None, 1)];
        let changes = RowChanges {
            inserts: rows.clone(),
            ..RowChanges::default()
        };
        let page = write(built.as_ref(), &claim, 0..1, (&["a"], &[]), |_| {
            changes.clone()
        });
        page.await.unwrap();
        assert!(best(table.as_ref(), title).await.is_empty());
        built.swap(&claim, None).await.unwrap();
        assert_eq!(best(table.as_ref(), title).await, ["a"]);
        assert!(best(table.as_ref(), "mug").await.is_empty());
    }
}
