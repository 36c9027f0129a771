//! The sales page and its live stream.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;

use crate::browser::{Browser, stocked};
use crate::common::Folder;

/// Longer than anything takes that is not broken.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn the_sales_are_charts_with_axes_and_hover_texts_and_lists() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    let sales = ada.page("/sales").await;
    sales
        .is_page()
        .has("<dd id=\"revenue\">£8.00</dd>")
        .has("<dd id=\"orders\">2</dd>");
    sales.has("<title>1 Dec 2010: £8.00 in 2 orders</title>");
    sales.has("<title>France: £8.00 in 2 orders, £0.00 cancelled</title>");
    sales
        .has("class=\"axis\"")
        .has("1 Dec")
        .has("ARTICLE A")
        .has("17850");
    assert_eq!(sales.body.matches("<svg class=\"chart\"").count(), 2);
    shop.close().await;
}

#[tokio::test]
async fn an_empty_shop_has_a_sales_page_too() {
    let folder = Folder::new();
    let shop = cart::web::Shop::open(crate::browser::options(&folder))
        .await
        .unwrap();
    let mut ada = Browser::at(&shop);
    ada.page("/sales")
        .await
        .has("<dd id=\"revenue\">£0.00</dd>");
    ada.page("/").await.has("There are no products yet.");
    ada.page("/orders?whose=all")
        .await
        .has("Nothing was ordered yet.");
    shop.close().await;
}

/// Reads the stream until a piece has the text.
async fn until(body: &mut Body, text: &str) -> String {
    let mut seen = String::new();
    let found = tokio::time::timeout(PATIENCE, async {
        while !seen.contains(text) {
            let frame = body.frame().await.expect("the stream goes on").unwrap();
            seen += std::str::from_utf8(frame.data_ref().unwrap()).unwrap();
        }
    });
    found.await.unwrap_or_else(|_| panic!("no `{text}` came"));
    seen
}

#[tokio::test]
async fn an_order_is_seen_live_and_the_stream_ends_with_the_shop() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    let request = Request::get("/sales/live").body(Body::empty()).unwrap();
    let response = ada.raw(request).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut stream = response.into_body();
    until(&mut stream, "<dd id=\"revenue\">£8.00</dd>").await;

    ada.add("A", "2").await;
    ada.order().await;
    let seen = until(&mut stream, "<dd id=\"revenue\">£11.00</dd>").await;
    assert!(seen.contains("data: <dl class=\"tiles\">"), "{seen}");
    assert!(!seen.contains("<html"), "{seen}");

    shop.close().await;
    let ended = tokio::time::timeout(PATIENCE, async {
        while let Some(frame) = stream.frame().await {
            frame.unwrap();
        }
    });
    ended.await.expect("the stream ends");
}
