//! Without JavaScript.

use crate::browser::Browser;
use crate::shop::stocked;

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_whole_purchase_needs_no_script() {
    let shop = stocked();
    let ada = Browser::without_scripts(&shop).await;
    let blocked = "matchMedia('(scripting: none)').matches";
    assert!(ada.value_of::<bool>(blocked).await, "scripts are blocked");

    ada.write("#q", "heart").await;
    ada.click(".search button").await;
    ada.reach("/?q=heart").await;
    ada.find("mark").await;
    ada.click(".card button").await;
    ada.reach("/cart").await;
    ada.write(".items input[name=quantity]", "4").await;
    ada.click(".items form.inline button").await;
    ada.sees(".badge", "4").await;
    ada.order("Spain").await;
    ada.sees(".note.good", "Your order is placed").await;
    ada.click("button.danger").await;
    ada.sees(".note.good", "The order is cancelled.").await;
    ada.go("/sales").await;
    ada.sees("#orders", "219").await;
    ada.go("/system").await;
    ada.sees("#projections-heading", "Projections").await;
}
