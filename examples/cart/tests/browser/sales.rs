//! The shopkeeper's page, live.

use crate::browser::Browser;
use crate::shop::stocked;
use crate::shopping::POPCORN;

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_sales_follow_an_order_in_another_window() {
    let shop = stocked();
    let ada = Browser::at(&shop).await;
    ada.add(POPCORN, "7").await;
    let first = ada.driver().window().await.unwrap();
    let second = ada.driver().new_window().await.unwrap();
    ada.driver().switch_to_window(second.clone()).await.unwrap();
    ada.go("/sales").await;
    ada.find("#board[data-live]").await;
    ada.sees("#orders", "218").await;
    let last_column = ".chart .bar:last-of-type title";
    let columns = "document.querySelector('.chart').innerHTML";
    let before: String = ada.value_of(columns).await;
    ada.value_of::<bool>("window.isTheSame = true").await;

    ada.driver().switch_to_window(first).await.unwrap();
    ada.order("France").await;

    ada.driver().switch_to_window(second).await.unwrap();
    ada.sees("#orders", "219").await;
    let after: String = ada.value_of(columns).await;
    assert_ne!(before, after, "the columns moved");
    let title = format!("document.querySelector('{last_column}').textContent");
    let title: String = ada.value_of(&title).await;
    assert!(title.ends_with("in 1 order"), "{title}");
    assert!(
        ada.value_of::<bool>("window.isTheSame").await,
        "nobody loaded the page again"
    );
}
