//! The commands as a person runs them.

#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;
use std::process::{Command, Output};

use postgres_server::{Database, Pooler, Startup};
use serde_json::{Value, json};
use sqlx::{Connection, Row, SqliteConnection};

use common::{Folder, HEADER, small_file, whole_file};

fn cart(folder: &Folder, arguments: &[&str]) -> Output {
    cart_on(&folder.url(), arguments)
}

fn cart_on(store: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cart"));
    command
        .args(arguments)
        .env("CART_STORE", store)
        .env_remove("RUST_LOG");
    command.output().unwrap()
}

/// The last line of standard output.
fn json(output: &Output) -> Value {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|_| panic!("no JSON: {text}\n{}", error(output)))
}

fn error(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn import(folder: &Folder, path: &Path) -> Output {
    cart(folder, &["import", path.to_str().unwrap(), "--json"])
}

/// Without what differs from run to run.
fn figures(mut line: Value) -> Value {
    line.as_object_mut().unwrap().remove("seconds").unwrap();
    line
}

#[tokio::test]
async fn a_store_on_postgres_comes_to_the_same_figures() {
    let database = Database::create().await.unwrap();
    comes_to_the_same_figures(database.url());
}

#[tokio::test]
async fn a_store_behind_a_pooler_comes_to_the_same_figures() {
    let database = Database::create().await.unwrap();
    let pooler = Pooler::start(Startup::Refused).unwrap();
    comes_to_the_same_figures(&pooler.url(&database));
}

fn comes_to_the_same_figures(store: &str) {
    let (folder, file) = (Folder::new(), small_file());
    let on_postgres = cart_on(store, &["import", file.to_str().unwrap(), "--json"]);
    assert!(on_postgres.status.success(), "{}", error(&on_postgres));
    let on_sqlite = import(&folder, &file);
    assert_eq!(figures(json(&on_postgres)), figures(json(&on_sqlite)));
    for arguments in [&["verify"][..], &["rebuild", "orders"], &["verify"]] {
        let output = cart_on(store, arguments);
        assert!(output.status.success(), "{arguments:?}: {}", error(&output));
    }
}

#[tokio::test]
async fn a_store_moves_from_sqlite_to_postgres() {
    let (folder, database) = (Folder::new(), Database::create().await.unwrap());
    let store = database.url();
    let none = cart_on(store, &["copy", &folder.url()]);
    assert!(
        error(&none).contains("there is no store at"),
        "{}",
        error(&none)
    );
    assert!(import(&folder, &small_file()).status.success());
    for new in [17, 0] {
        let copied = cart_on(store, &["copy", &folder.url(), "--json"]);
        assert!(copied.status.success(), "{}", error(&copied));
        let expected = json!({ "events": 17, "events_appended": new });
        assert_eq!(figures(json(&copied)), expected);
    }
    let verified = cart_on(store, &["verify", "--json"]);
    assert_eq!(json(&verified)["differences"], json!(0));
    let report = cart_on(store, &["report", "--json"]);
    assert_eq!(json(&report), json(&cart(&folder, &["report", "--json"])));
}

#[test]
fn the_small_file_is_imported_reported_and_verified() {
    let folder = Folder::new();
    let output = import(&folder, &small_file());
    assert!(output.status.success(), "{}", error(&output));
    let mut expected = json!({
        "lines": 153, "refused_lines": 7, "invoices": 11, "revenue": "2354.641",
        "cancellations": 2, "cancelled": "-32.150", "products": 141,
        "top_product": "21829", "best_day": "2011-01-20", "events_appended": 17,
    });
    assert_eq!(figures(json(&output)), expected);

    expected["events_appended"] = json!(0);
    assert_eq!(figures(json(&import(&folder, &small_file()))), expected);

    expected.as_object_mut().unwrap().remove("events_appended");
    assert_eq!(json(&cart(&folder, &["report", "--json"])), expected);

    let output = cart(&folder, &["verify", "--json"]);
    assert!(output.status.success(), "{}", error(&output));
    let verified = json(&output);
    assert_eq!(
        (&verified["events"], &verified["differences"]),
        (&json!(17), &json!(0))
    );
}

#[test]
fn a_view_is_built_anew() {
    let folder = Folder::new();
    let figures = import(&folder, &small_file());
    assert!(figures.status.success(), "{}", error(&figures));
    spoil(&folder);
    let verified = cart(&folder, &["verify", "--json"]);
    assert_ne!(json(&verified)["differences"], json!(0));
    for _ in 0..2 {
        let output = cart(&folder, &["rebuild", "products", "--json"]);
        assert!(output.status.success(), "{}", error(&output));
        let line = json(&output);
        assert_eq!(
            (&line["view"], &line["events"]),
            (&json!("products"), &json!(17))
        );
        let verified = cart(&folder, &["verify", "--json"]);
        assert_eq!(json(&verified)["differences"], json!(0));
    }
    let output = cart(&folder, &["rebuild", "products"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("products: built anew from 17 events, in "),
        "{text}"
    );

    let unknown = cart(&folder, &["rebuild", "product"]);
    assert!(!unknown.status.success());
    let text = error(&unknown);
    assert!(
        text.contains("there is no view `product`; the views are "),
        "{text}"
    );
    assert!(text.contains("products"), "{text}");
}

/// As somebody does who writes into a view's table.
fn spoil(folder: &Folder) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut file = SqliteConnection::connect(&folder.url()).await.unwrap();
        let table =
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'products_%'";
        let table: String = sqlx::query(table)
            .fetch_one(&mut file)
            .await
            .unwrap()
            .get(0);
        let update = format!("UPDATE {table} SET units_sold = units_sold + 1");
        sqlx::query(sqlx::AssertSqlSafe(update))
            .execute(&mut file)
            .await
            .unwrap();
    });
}

#[test]
fn the_whole_file_has_the_known_figures() {
    let Some(path) = whole_file() else { return };
    let folder = Folder::new();
    let mut line = json(&import(&folder, &path));
    assert_eq!(line["events_appended"], json!(10_811));
    line.as_object_mut().unwrap().remove("events_appended");
    let expected = json!({
        "lines": 209_029, "refused_lines": 1292, "invoices": 8126, "revenue": "4064726.591",
        "cancellations": 1677, "cancelled": "-357898.950", "products": 3384,
        "top_product": "23166", "best_day": "2010-12-07",
    });
    assert_eq!(figures(line), expected);
    assert_eq!(json(&cart(&folder, &["report", "--json"])), expected);
    assert_eq!(json(&import(&folder, &path))["events_appended"], json!(0));
    assert_eq!(
        json(&cart(&folder, &["verify", "--json"]))["differences"],
        json!(0)
    );
}

#[test]
fn the_keys_stand_in_their_order() {
    let folder = Folder::new();
    let output = import(&folder, &small_file());
    let text = String::from_utf8(output.stdout).unwrap();
    let keys = [
        "lines",
        "refused_lines",
        "invoices",
        "revenue",
        "cancellations",
        "cancelled",
        "products",
        "top_product",
        "best_day",
        "events_appended",
        "seconds",
    ];
    let places: Vec<_> = keys
        .iter()
        .map(|key| text.find(&format!("\"{key}\":")))
        .collect();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{text}"
    );
}

#[test]
fn a_report_for_people_says_why_lines_were_refused() {
    let folder = Folder::new();
    let path = folder.invoices("a.csv", &["1,A,2000,1.5", "1,B,-3,1.5", "2,A,1,0"]);
    let output = cart(&folder, &["import", path.to_str().unwrap()]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("a.csv: lines 3, invoices 2, new events 3, in "),
        "{text}"
    );
    assert!(text.contains("1 price of zero or below"), "{text}");
    assert!(
        text.contains("1 negative quantity outside a cancellation"),
        "{text}"
    );
    assert!(text.contains("worth 3,000.000"), "{text}");
    assert!(text.contains("ARTICLE A, 2,000 units"), "{text}");

    let path = folder.invoices("b.csv", &["1,A,2001,1.5"]);
    let output = cart(&folder, &["import", path.to_str().unwrap()]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("stored already with other content, so that their lines were refused: 1"),
        "{text}"
    );
    assert!(text.contains("as invoice 1 in b.csv, line 2"), "{text}");
}

#[test]
fn a_bad_file_changes_nothing_and_says_where_it_is_bad() {
    let folder = Folder::new();
    import(&folder, &small_file());
    let before = json(&cart(&folder, &["report", "--json"]));
    let bad = folder.path("bad.csv");
    let good = "900001,A,LANTERN,6,2010-12-01 08:26:00,2.55,17850,France\n";
    let cases = [
        (String::new(), "line 1: the file is empty"),
        (
            HEADER.replace("Country", "Land"),
            "line 1: the column `Country` is missing",
        ),
        (
            format!("{HEADER}{good}{}", good.replace("2.55", "2,55")),
            "line 3: 9 columns",
        ),
        (
            format!("{HEADER}{good}{}", good.replace(",6,", ",six,")),
            "line 3: `six` in column Quantity",
        ),
        (
            format!("{HEADER}{good}90000"),
            "line 3: the last line has no line break",
        ),
    ];
    for (text, expected) in cases {
        std::fs::write(&bad, text).unwrap();
        let output = import(&folder, &bad);
        let told = error(&output);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.starts_with("error: nothing of `"), "{told}");
        assert!(told.contains(expected), "{told}");
        assert_eq!(
            (told.lines().count(), output.stdout.len()),
            (1, 0),
            "{told}"
        );
    }
    assert_eq!(json(&cart(&folder, &["report", "--json"])), before);
}

#[test]
fn a_store_that_is_not_there_is_an_error_and_is_not_made() {
    let folder = Folder::new();
    for command in ["report", "verify"] {
        let output = cart(&folder, &[command, "--json"]);
        assert_eq!(output.status.code(), Some(1));
        let told = error(&output);
        assert!(
            told.starts_with("error: there is no store at `sqlite:"),
            "{told}"
        );
    }
    assert!(!folder.path("cart.db").exists());
}

#[test]
fn an_address_that_is_none_is_an_error() {
    let folder = Folder::new();
    let path = small_file();
    let output = cart(
        &folder,
        &["import", path.to_str().unwrap(), "--store", "mysql:shop"],
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(
        error(&output).contains("`mysql:shop` is not the address of a store"),
        "{}",
        error(&output)
    );
}

#[tokio::test]
async fn a_row_that_was_tampered_with_is_found() {
    let folder = Folder::new();
    import(&folder, &small_file());
    tamper(
        &folder,
        "UPDATE {} SET units_sold = units_sold + 1 WHERE code = '21829'",
    )
    .await;
    tamper(&folder, "DELETE FROM {} WHERE code = '84879'").await;
    tamper(
        &folder,
        "UPDATE {} SET code = 'NOTHING' WHERE code = '72741'",
    )
    .await;

    let output = cart(&folder, &["verify", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(json(&output)["differences"], json!(4));
    let told = error(&output);
    assert!(
        told.contains("products: the row 21829: units_sold is 37, by the log 36"),
        "{told}"
    );
    assert!(
        told.contains("products: the row 84879 is missing"),
        "{told}"
    );
    assert!(
        told.contains("products: the row NOTHING is not in the log"),
        "{told}"
    );
}

/// Runs a statement on the table of the products view.
async fn tamper(folder: &Folder, statement: &str) {
    let mut database = SqliteConnection::connect(&folder.url()).await.unwrap();
    let find = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%products%'";
    let table: String = sqlx::query(find)
        .fetch_one(&mut database)
        .await
        .unwrap()
        .get(0);
    let statement = statement.replace("{}", &format!("\"{table}\""));
    let changed = sqlx::query(sqlx::AssertSqlSafe(statement))
        .execute(&mut database)
        .await
        .unwrap();
    assert_eq!(changed.rows_affected(), 1);
    database.close().await.unwrap();
}
