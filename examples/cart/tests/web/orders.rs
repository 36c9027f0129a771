//! Orders: the visitor's own and all, one order, its cancellation, its confirmation.

use axum::http::StatusCode;
use cart::order::{CONFIRMATIONS, OrderSummary};
use cart::sales::DailySales;
use futures_util::StreamExt;

use crate::browser::{Browser, stocked};
use crate::common::Folder;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

#[tokio::test]
async fn visitors_see_their_own_orders_and_the_shopkeeper_all() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let (mut ada, mut bob) = (Browser::at(&shop), Browser::at(&shop));
    ada.add("A", "1").await;
    let (order, _) = ada.order().await;
    let link = format!("href=\"/orders/{order}\"");
    ada.page("/orders")
        .await
        .is_page()
        .has(&link)
        .has_not("href=\"/orders/1\"");
    bob.page("/orders")
        .await
        .has("You have ordered nothing yet.")
        .has_not(&link);
    let all = bob.page("/orders?whose=all").await;
    all.has(&link)
        .has("href=\"/orders/1\"")
        .has("href=\"/orders/2\"")
        .has("17850");
    bob.page("/orders/1")
        .await
        .has("imported")
        .has("£5.00")
        .has_not("How its cart came about");
    shop.close().await;
}

#[tokio::test]
async fn an_order_is_cancelled_once_and_says_why() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    ada.add("A", "1").await;
    let (order, page) = ada.order().await;
    let address = format!("/orders/{order}/cancel");
    let form = page.form();
    let long = "so ".repeat(100);
    let answer = ada
        .post(&address, &[("form", &form), ("reason", &long)])
        .await;
    answer
        .tells("reason", "Please say it in at most 200 characters.")
        .has(&long);
    let answer = ada
        .post(&address, &[("form", "x"), ("reason", "late")])
        .await;
    answer
        .is(UNPROCESSABLE)
        .has("came without its number")
        .has("value=\"late\"");

    let fields = [("form", form.as_str()), ("reason", "too <late>")];
    let cancelled = ada.submit(&address, &fields).await;
    cancelled
        .has("The order is cancelled.")
        .has("too &#60;late&#62;")
        .has_not("Cancel it");
    // The same form again is the same wish; another one is refused.
    ada.submit(&address, &fields)
        .await
        .has("The order is cancelled.");
    let answer = ada
        .post(&address, &[("form", &form), ("reason", "again")])
        .await;
    answer
        .is(UNPROCESSABLE)
        .has("This order has been cancelled already.");

    let head = shop.app().head().await.unwrap().position;
    shop.app().wait_for::<DailySales>(head).await.unwrap();
    let days = shop.app().view::<DailySales>().page(10).await.unwrap().rows;
    assert_eq!(days.iter().map(|day| day.cancellations).sum::<u64>(), 1);
    ada.page("/orders").await.has("class=\"state off\"");
    shop.close().await;
}

#[tokio::test]
async fn older_orders_are_on_the_pages_after() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let lines: Vec<String> = (100..150).map(|number| format!("{number},A,1,1")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let file = cart::import::read(&folder.invoices("more.csv", &lines)).unwrap();
    let stop = std::future::pending();
    cart::import::run(shop.app(), &file, stop, |_| {})
        .await
        .unwrap();
    crate::common::settled(shop.app()).await;
    let mut ada = Browser::at(&shop);
    let (mut address, mut seen) = ("/orders?whose=all".to_owned(), 0);
    loop {
        let page = ada.page(&address).await;
        seen += page
            .body
            .matches("<th scope=\"row\"><a href=\"/orders/")
            .count();
        let Some((_, rest)) = page.body.split_once("rel=\"next\" href=\"") else {
            break;
        };
        address = rest.split('"').next().unwrap().replace("&#38;", "&");
    }
    assert_eq!(seen, 52);
    assert_eq!(shop.app().view::<OrderSummary>().count().await.unwrap(), 52);
    shop.close().await;
}

#[tokio::test]
async fn an_order_is_confirmed_by_mail_and_an_imported_one_is_not() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    ada.add("A", "2").await;
    let (order, _) = ada.order().await;
    let head = shop.app().head().await.unwrap().position;
    let mut status = shop.app().watch_subscription(CONFIRMATIONS).unwrap();
    while status.next().await.unwrap().position < head {}
    let mails: Vec<_> = std::fs::read_dir(folder.path("mail")).unwrap().collect();
    assert_eq!(mails.len(), 1, "{mails:?}");
    let mail = folder.path("mail").join(format!("{order}.txt"));
    let text = std::fs::read_to_string(mail).unwrap();
    assert!(text.contains("2 × ARTICLE A (A): £3.00"), "{text}");
    shop.close().await;
}
