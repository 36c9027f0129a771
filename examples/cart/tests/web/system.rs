//! The engineer's pages: where projections stand, dead letters, rebuilds.

use std::time::Duration;

use axum::http::StatusCode;
use cart::order::{CONFIRMATIONS, OrderId};
use cart::product::Product;
use cart::web::Shop;
use futures_util::StreamExt;

use crate::browser::{Browser, between, encoded, stocked};
use crate::common::Folder;

/// Longer than anything takes that is not broken.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn every_projection_and_subscription_says_where_it_stands() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    let system = ada.page("/system").await;
    system.is_page().has("None. Every event was taken.");
    for name in [
        "carts",
        "orders",
        "order_details",
        "products",
        "customers",
        "sales_per_day",
        "sales_per_country",
        "credit_notes",
        "refused_lines",
        "refused_by_reason",
        "confirmations",
    ] {
        system.has(&format!("<th scope=\"row\">{name}</th>"));
    }
    let head = shop.app().head().await.unwrap().position;
    system.has(&format!("<b id=\"head\">{head}</b>"));
    shop.close().await;
}

/// An order whose confirmation cannot be written: a folder stands where its file should.
async fn order_in_the_way(folder: &Folder, shop: &Shop, ada: &mut Browser) -> OrderId {
    ada.add("A", "1").await;
    let form = ada.form_at("/cart").await;
    // The number follows from the form, so the folder can be there before the order.
    let wish = uuid::Uuid::new_v5(&form.parse().unwrap(), b"check out France");
    let order = OrderId::from(uuid::Uuid::new_v5(&wish, b"order").to_string());
    let file = folder.path("mail").join(format!("{order}.txt"));
    std::fs::create_dir_all(file.join("in the way")).unwrap();
    let fields = [("form", form.as_str()), ("country", "France")];
    ada.submit("/cart/checkout", &fields)
        .await
        .has(&order.to_string());
    letters(shop, 1).await;
    order
}

/// Waits until so many letters of the confirmations wait.
async fn letters(shop: &Shop, expected: u64) {
    let mut status = shop.app().watch_subscription(CONFIRMATIONS).unwrap();
    let reached = tokio::time::timeout(PATIENCE, async {
        while status.next().await.unwrap().dead_letters != expected {}
    });
    reached.await.expect("the letters are there or gone");
}

#[tokio::test]
async fn a_dead_letter_is_shown_and_tried_again() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    let order = order_in_the_way(&folder, &shop, &mut ada).await;
    let file = folder.path("mail").join(format!("{order}.txt"));

    let system = ada.page("/system").await;
    system
        .has("<code>order.placed</code>")
        .has("cannot be written")
        .has_not("None. Every event");
    let address = between(&system.body, "href=\"/system/letters/", "\"").to_owned();
    let address = format!("/system/letters/{address}");
    let letter = ada.page(&address).await;
    letter
        .is_page()
        .has("cannot be written")
        .has(&format!("<code>order/{order}</code>"));
    letter
        .has("&#34;country&#34;: &#34;France&#34;")
        .has("Metadata");

    let again = ada.post(&format!("{address}/retry"), &[]).await;
    again
        .is(StatusCode::OK)
        .has("It failed again: ")
        .has("<dt>Tries</dt><dd>2</dd>");

    std::fs::remove_dir_all(&file).unwrap();
    let system = ada.submit(&format!("{address}/retry"), &[]).await;
    letters(&shop, 0).await;
    assert!(file.is_file());
    system.has_not("<code>order.placed</code>");
    ada.get(&address).await.is(StatusCode::NOT_FOUND).is_page();
    shop.close().await;
}

#[tokio::test]
async fn all_letters_are_tried_again_at_once() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    let order = order_in_the_way(&folder, &shop, &mut ada).await;
    let file = folder.path("mail").join(format!("{order}.txt"));
    std::fs::remove_dir_all(&file).unwrap();
    ada.submit("/system/letters/confirmations", &[]).await;
    letters(&shop, 0).await;
    assert!(file.is_file());
    shop.close().await;
}

#[tokio::test]
async fn a_dead_letter_is_given_up_with_a_reason_alone() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    let order = order_in_the_way(&folder, &shop, &mut ada).await;
    let id = shop.app().dead_letters_of(CONFIRMATIONS).unwrap();
    let id = id.list(1).await.unwrap().remove(0).id;
    let address = format!("/system/letters/confirmations/{}", encoded(&id.to_string()));
    let discard = format!("{address}/discard");
    let answer = ada.post(&discard, &[("reason", "  ")]).await;
    answer.tells("reason", "Say why this event may be left out");
    let long = "x".repeat(501);
    let answer = ada.post(&discard, &[("reason", &long)]).await;
    answer
        .tells("reason", "Please say it in at most 500 characters.")
        .has(&long);

    ada.submit(&discard, &[("reason", "a <test>")]).await;
    letters(&shop, 0).await;
    ada.page(&address)
        .await
        .has("a &#60;test&#62;")
        .has_not("Try it again");
    ada.post(&discard, &[("reason", "again")])
        .await
        .is(StatusCode::NOT_FOUND);
    // Later orders are confirmed all the while.
    assert!(folder.path("mail").join(format!("{order}.txt")).is_dir());
    ada.add("B", "1").await;
    let (next, _) = ada.order().await;
    let head = shop.app().head().await.unwrap().position;
    let mut status = shop.app().watch_subscription(CONFIRMATIONS).unwrap();
    while status.next().await.unwrap().position < head {}
    assert!(folder.path("mail").join(format!("{next}.txt")).is_file());
    shop.close().await;
}

#[tokio::test]
async fn a_view_is_built_anew_and_the_page_says_how_far_it_is() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    let before = shop.app().view::<Product>().page(10).await.unwrap();
    let system = ada
        .submit("/system/rebuilds", &[("view", "products")])
        .await;
    let said = ["<progress", "built anew from"].map(|text| system.body.contains(text));
    assert!(said.contains(&true), "{}", system.body);
    let done = tokio::time::timeout(PATIENCE, async {
        while !ada.page("/system").await.body.contains("built anew from") {
            tokio::task::yield_now().await;
        }
    });
    done.await.expect("the rebuild ends");
    assert_eq!(shop.app().view::<Product>().page(10).await.unwrap(), before);
    let unknown = ada.post("/system/rebuilds", &[("view", "product")]).await;
    unknown
        .is(StatusCode::NOT_FOUND)
        .has("There is no view `product`; the views are ");
    shop.close().await;
}
