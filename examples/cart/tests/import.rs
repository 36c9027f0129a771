//! Files in, views out, on a real store.

#![allow(clippy::unwrap_used)]

mod common;

use std::future::{pending, ready};
use std::path::Path;

use cart::import::{Imported, read, run};
use cart::order::OrderSummary;
use cart::product::Product;
use cart::refusal::{Reason, RefusedLineDetails};
use cqrs::prelude::*;
use rust_decimal::Decimal;

use common::{Folder, settled, small_file};

async fn import(app: &App, path: &Path) -> Imported {
    run(app, &read(path).unwrap(), pending(), |_| {})
        .await
        .unwrap()
}

#[tokio::test]
async fn every_line_ends_as_an_order_a_credit_note_or_a_refusal() {
    let folder = Folder::new();
    let app = folder.open().await;
    let lines = [
        "1,A,2,1.5",
        "C2,A,-1,1.5",
        "1,B,-3,1.5",
        "3,A,0,1",
        "1,C,1,0",
        "3,A,1,-1",
    ];
    let done = import(&app, &folder.invoices("all.csv", &lines)).await;
    assert_eq!(
        (done.invoices, done.events_appended, done.changed),
        (3, 4, 0)
    );

    let figures = settled(&app).await;
    assert_eq!((figures.lines, figures.refused_lines), (6, 4));
    assert_eq!((figures.invoices, figures.revenue), (1, Decimal::from(3)));
    assert_eq!(
        (figures.cancellations, figures.cancelled),
        (1, Decimal::new(-15, 1))
    );
    let mut reasons: Vec<_> = figures
        .refused
        .iter()
        .map(|row| (row.reason, row.lines))
        .collect();
    reasons.sort_unstable();
    let expected = [
        (Reason::NegativeQuantity, 1),
        (Reason::NoQuantity, 1),
        (Reason::NoPrice, 2),
    ];
    assert_eq!(reasons, expected);

    let refused = app
        .view::<RefusedLineDetails>()
        .get(&"1/1/1".to_owned())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((refused.file.as_str(), refused.line), ("all.csv", 6));
    assert_eq!(
        (refused.reason, refused.product.as_str()),
        (Reason::NoPrice, "C")
    );
    app.shutdown().await;
}

#[tokio::test]
async fn an_order_happened_when_its_invoice_says() {
    let folder = Folder::new();
    let app = folder.open().await;
    import(&app, &folder.invoices("one.csv", &["1,A,2,1.5"])).await;
    settled(&app).await;
    let order = app
        .view::<OrderSummary>()
        .get(&"1".into())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(order.placed_at.to_string(), "2010-12-01 08:26:00 UTC");
    assert_eq!(
        (order.customer, order.country.as_str()),
        (Some("17850".into()), "France")
    );
    app.shutdown().await;
}

#[tokio::test]
async fn the_same_file_again_appends_nothing() {
    let folder = Folder::new();
    let app = folder.open().await;
    let first = import(&app, &small_file()).await;
    assert_eq!((first.invoices, first.events_appended), (15, 17));
    let before = settled(&app).await;
    let again = import(&app, &small_file()).await;
    assert_eq!(
        (again.invoices, again.events_appended, again.changed),
        (15, 0, 0)
    );
    assert_eq!(settled(&app).await, before);
    app.shutdown().await;

    let app = folder.open().await;
    assert_eq!(import(&app, &small_file()).await.events_appended, 0);
    assert_eq!(settled(&app).await, before);
    app.shutdown().await;
}

#[tokio::test]
async fn the_same_invoice_is_known_by_its_content_in_another_file() {
    let folder = Folder::new();
    let app = folder.open().await;
    import(&app, &folder.invoices("a.csv", &["1,A,2,1.50", "1,B,0,1"])).await;
    let other = folder.invoices("b.csv", &["7,A,1,1", "1,A,2,1.5", "1,B,0,1.0"]);
    let done = import(&app, &other).await;
    assert_eq!((done.events_appended, done.changed), (1, 0));
    app.shutdown().await;
}

#[tokio::test]
async fn an_invoice_with_other_content_is_refused_with_its_reason_and_once() {
    let folder = Folder::new();
    let app = folder.open().await;
    import(
        &app,
        &folder.invoices("a.csv", &["1,A,2,1.5", "C2,A,-2,1.5"]),
    )
    .await;
    let changed = folder.invoices("b.csv", &["1,A,3,1.5", "1,B,1,0", "C2,A,-3,1.5", "4,A,1,1"]);
    let done = import(&app, &changed).await;
    assert_eq!(
        (done.invoices, done.events_appended, done.changed),
        (3, 3, 2)
    );

    let figures = settled(&app).await;
    assert_eq!(
        (figures.lines, figures.refused_lines, figures.invoices),
        (6, 3, 2)
    );
    assert_eq!(figures.revenue, Decimal::from(4));
    let changed_lines: Vec<_> = figures
        .changed
        .iter()
        .map(|line| (line.line, line.units))
        .collect();
    assert_eq!(changed_lines, [(2, 3), (4, -3)]);
    let refused = app
        .view::<RefusedLineDetails>()
        .get(&"1/1/1".to_owned())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (refused.reason, refused.file.as_str()),
        (Reason::NoPrice, "b.csv")
    );

    let again = import(&app, &changed).await;
    assert_eq!((again.events_appended, again.changed), (0, 2));
    assert_eq!(settled(&app).await, figures);
    app.shutdown().await;
}

#[tokio::test]
async fn an_import_that_was_stopped_goes_on_when_it_is_sent_again() {
    let folder = Folder::new();
    let app = folder.open().await;
    let file = read(&small_file()).unwrap();
    let stopped = run(&app, &file, ready(()), |_| {}).await.unwrap();
    assert_eq!(stopped, Imported::default());
    let done = run(&app, &file, pending(), |_| {}).await.unwrap();
    assert_eq!(done.events_appended, 17);
    app.shutdown().await;
}

#[tokio::test]
async fn progress_comes_to_the_number_of_lines() {
    let folder = Folder::new();
    let app = folder.open().await;
    let file = read(&small_file()).unwrap();
    let lines = std::cell::Cell::new(0);
    let progress = |more| lines.set(lines.get() + more);
    run(&app, &file, pending(), progress).await.unwrap();
    assert_eq!((lines.get(), file.lines), (153, 153));
    app.shutdown().await;
}

#[tokio::test]
async fn a_product_shows_its_latest_price_however_the_files_were_ordered() {
    let folder = Folder::new();
    let app = folder.open().await;
    import(&app, &folder.invoices("young.csv", &["2,A,1,1.5"])).await;
    let old = folder.invoices("old.csv", &["1,A,1,9"]);
    let text = std::fs::read_to_string(&old).unwrap();
    std::fs::write(&old, text.replace("2010-12-01", "2009-12-01")).unwrap();
    import(&app, &old).await;
    settled(&app).await;
    let product = app
        .view::<Product>()
        .get(&"A".into())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (product.price, product.units_sold),
        (Decimal::new(15, 1), 2)
    );
    app.shutdown().await;
}
