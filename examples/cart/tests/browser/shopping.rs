//! A customer's way: looking around, the cart, an order, and its cancellation.

use crate::browser::Browser;
use crate::shop::stocked;

/// What customers buy here: an article of the extract.
pub(crate) const POPCORN: &str = "/products/22197";

impl Browser {
    /// Puts so many of a product into the cart, from its page.
    pub(crate) async fn add(&self, product: &str, quantity: &str) {
        self.go(product).await;
        self.write("#quantity", quantity).await;
        self.click("main form.stack button").await;
        self.sees(".note.good", "cart").await;
    }

    /// Orders what is in the cart, and comes to the order's page.
    pub(crate) async fn order(&self, country: &str) {
        self.go("/cart").await;
        self.choose("#country", country).await;
        self.click("form[action='/cart/checkout'] button").await;
        self.reach("/orders/").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn products_are_browsed_and_searched() {
    let shop = stocked();
    let ada = Browser::at(&shop).await;
    let first = ada.text(".card h2").await;
    ada.click("a[rel=next]").await;
    ada.reach("/?").await;
    assert_ne!(ada.text(".card h2").await, first);

    // The results follow what is typed.
    ada.go("/").await;
    ada.write("#q", "heart").await;
    ada.sees("[role=status]", "found for “heart”").await;
    ada.sees("mark", "heart").await;
    let found = ada.number(".card").await;
    assert_eq!(
        ada.number(".card mark").await.min(found),
        found,
        "each name shows why"
    );
    ada.click("#results a[href='/']").await;
    ada.sees(".sorts", "Sorted by").await;

    ada.write("#q", "no such thing").await;
    ada.sees("[role=status]", "Nothing found for “no such thing”.")
        .await;

    ada.go(POPCORN).await;
    ada.sees("h1", "opcorn").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_cart_is_filled_changed_and_emptied() {
    let shop = stocked();
    let ada = Browser::at(&shop).await;
    ada.click(".card button").await;
    ada.reach("/cart").await;
    assert_eq!(ada.number(".items tbody tr").await, 1);
    ada.add("/products/22423", "3").await;
    assert_eq!(ada.number(".items tbody tr").await, 2);
    ada.sees(".badge", "4").await;

    let row = "form[action='/cart/items/22423/quantity']";
    ada.write(&format!("{row} input[name=quantity]"), "12")
        .await;
    ada.click(&format!("{row} button")).await;
    ada.sees(".badge", "13").await;
    assert_eq!(
        ada.value(&format!("{row} input[name=quantity]")).await,
        "12"
    );

    ada.click("form[action='/cart/items/22423/remove'] button")
        .await;
    ada.misses(row).await;
    ada.sees(".badge", "1").await;
    ada.click(".items form[action$='/remove'] button").await;
    ada.sees(".empty", "Your cart is empty.").await;
    assert_eq!(ada.number(".badge").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_order_is_there_at_once_and_can_be_cancelled() {
    let shop = stocked();
    let ada = Browser::at(&shop).await;
    ada.add(POPCORN, "3").await;
    let total = ada.text("#total").await;
    ada.order("France").await;
    // Not looked for twice: each of these pages shows it the first time.
    let place = ada.place().await;
    assert!(ada.shows(".note.good", "Your order is placed").await);
    assert_eq!(ada.text("#total").await, total);
    ada.go("/orders").await;
    assert!(ada.shows("tbody tr:first-child .state", "placed").await);
    assert!(ada.shows("tbody tr:first-child", &total).await);
    ada.go("/cart").await;
    assert!(ada.shows(".empty", "Your cart is empty.").await);

    ada.go(&place).await;
    ada.write("#reason", "changed my mind").await;
    ada.click("button.danger").await;
    ada.sees(".note.good", "The order is cancelled.").await;
    assert!(ada.shows(".sum", "changed my mind").await);
    assert_eq!(ada.number("button.danger").await, 0);
    ada.go("/orders").await;
    assert!(ada.shows("tbody tr:first-child .state", "cancelled").await);
}
