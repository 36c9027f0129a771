//! A customer's way: looking around, the cart, an order, and its cancellation.

use crate::browser::Browser;
use crate::shop::stocked;

/// What customers buy here: two articles of the extract.
pub(crate) const HEART: &str = "/products/22197";

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

    ada.go(HEART).await;
    ada.sees("h1", "opcorn").await;
}
