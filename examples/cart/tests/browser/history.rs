//! Through a cart's history.

use thirtyfour::prelude::*;

use crate::browser::Browser;
use crate::shop::stocked;
use crate::shopping::POPCORN;

/// A cart with three events, on its history's page.
async fn at_a_history(ada: &Browser) {
    ada.add(POPCORN, "1").await;
    ada.add("/products/22423", "2").await;
    ada.add("/products/47566", "3").await;
    ada.click(".head a[href^='/carts/']").await;
    ada.sees("#after-heading", "The cart after event 3").await;
    assert_eq!(ada.number(".history table tbody tr").await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_slider_travels_and_the_page_follows() {
    let shop = stocked();
    let ada = Browser::at(&shop).await;
    at_a_history(&ada).await;
    ada.value_of::<bool>("window.isTheSame = true").await;
    let slider = ada.find("#version").await;
    slider.send_keys(Key::Left + "").await.unwrap();
    ada.sees("#after-heading", "The cart after event 2").await;
    assert_eq!(ada.number(".history table tbody tr").await, 2);
    slider.send_keys(Key::Home + "").await.unwrap();
    ada.sees("#after-heading", "The cart after event 1").await;
    assert_eq!(ada.number(".history table tbody tr").await, 1);
    assert!(
        ada.value_of::<bool>("window.isTheSame").await,
        "nobody loaded the page again"
    );
    ada.until("an address to share", async || {
        ada.place().await.ends_with("?version=1")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_slider_travels_without_scripts_by_its_button() {
    let shop = stocked();
    let ada = Browser::without_scripts(&shop).await;
    at_a_history(&ada).await;
    ada.find("#version")
        .await
        .send_keys(Key::Home + "")
        .await
        .unwrap();
    ada.click(".travel button").await;
    ada.sees("#after-heading", "The cart after event 1").await;
    assert_eq!(ada.number(".history table tbody tr").await, 1);
    ada.click(".events li:nth-child(2) a").await;
    ada.sees("#after-heading", "The cart after event 2").await;
}
