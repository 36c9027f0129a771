//! The engineer's pages.

use sqlx::{Connection, SqliteConnection};

use crate::browser::Browser;
use crate::shop::stocked;
use crate::shopping::POPCORN;

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_dead_letter_is_shown_and_gone_once_its_cause_is() {
    let shop = stocked();
    // A file stands where the folder should be.
    std::fs::write(shop.mail_folder(), "in the way").unwrap();
    let ada = Browser::at(&shop).await;
    ada.add(POPCORN, "3").await;
    ada.order("France").await;
    ada.go("/system").await;
    // The page follows by itself.
    ada.sees("#dead-letters td", "cannot be written").await;
    ada.click("#dead-letters th a").await;
    ada.reach("/system/letters/confirmations/").await;
    ada.sees("pre", "\"country\": \"France\"").await;

    let retry = "form[action$='/retry'] button";
    ada.click(retry).await;
    ada.sees(".note.bad", "It failed again").await;

    std::fs::remove_file(shop.mail_folder()).unwrap();
    ada.click(retry).await;
    ada.reach("/system").await;
    ada.sees("#dead-letters .empty", "None.").await;
    let written = std::fs::read_dir(shop.mail_folder()).unwrap();
    assert_eq!(written.count(), 1, "the confirmation is written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_rebuild_shows_how_far_it_is_and_when_it_is_done() {
    let shop = stocked();
    let ada = Browser::at(&shop).await;
    ada.go("/system").await;
    // Nobody else can write meanwhile, so the rebuild is seen before it is done.
    let url = format!("sqlite:{}", shop.store().display());
    let mut store = SqliteConnection::connect(&url).await.unwrap();
    let held = store.begin_with("BEGIN IMMEDIATE").await.unwrap();
    ada.click("#rebuild-products").await;
    ada.find("progress[aria-label='Rebuild of products']").await;
    assert_eq!(ada.number("#rebuild-products").await, 0);
    ada.value_of::<bool>("window.isTheSame = true").await;
    held.rollback().await.unwrap();
    ada.sees(".told", "built anew from").await;
    ada.find("#rebuild-products").await;
    assert!(
        ada.value_of::<bool>("window.isTheSame").await,
        "nobody loaded the page again"
    );
    ada.go(POPCORN).await;
    ada.sees(".facts", "5,240 pieces").await;
}
