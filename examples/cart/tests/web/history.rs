//! Time travel: every event of a cart with who, when and why, and the cart as it was.

use cart::cart::CartOverview;

use crate::browser::{Answer, Browser, between, stocked};
use crate::common::Folder;

fn totals(answer: &Answer) -> &str {
    between(&answer.body, "units, <b>", "</b>")
}

#[tokio::test]
async fn a_cart_is_shown_as_it_was_after_each_event() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    ada.add("A", "2").await;
    let cart = ada.add("B", "1").await;
    let form = cart.form();
    ada.submit(
        "/cart/items/A/quantity",
        &[("form", &form), ("quantity", "4")],
    )
    .await;
    ada.submit("/cart/items/B/remove", &[("form", &form)]).await;
    let (order, page) = ada.order().await;
    let address = between(&page.body, "<a href=\"/carts/", "\">How its cart").to_owned();
    let address = format!("/carts/{address}");

    let latest = ada.page(&address).await;
    latest
        .is_page()
        .has("min=\"1\" max=\"5\" value=\"5\"")
        .has("ordered</span>");
    latest
        .has(&format!("as order {order}"))
        .has("2 × ARTICLE A at £1.50");
    latest
        .has("put 2 × A into the cart")
        .has("took B out of the cart")
        .has("web-");
    latest
        .has("checked out on the cart&#39;s page")
        .has("UTC</time>");
    for (version, total) in [
        (1, "£3.00"),
        (2, "£5.00"),
        (3, "£8.00"),
        (4, "£6.00"),
        (5, "£6.00"),
    ] {
        let page = ada.page(&format!("{address}?version={version}")).await;
        page.has(&format!("The cart after event {version}"));
        assert_eq!(totals(&page), total, "{version}");
    }
    // A number that is none is the nearest that there is.
    for (asked, version) in [("0", 1), ("-1", 5), ("99", 5), ("x", 5), ("1e9", 5)] {
        let page = ada.page(&format!("{address}?version={asked}")).await;
        page.has(&format!("The cart after event {version}"));
    }
    shop.close().await;
}

#[tokio::test]
async fn what_no_visitor_did_says_so() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let cart = uuid::Uuid::from_u128(7);
    let add = cart::cart::CartCommand::AddItem {
        cart: cart.into(),
        product: "A".into(),
        name: "<ARTICLE>".into(),
        units: 1,
        price: 1.into(),
    };
    let receipt = shop.app().execute(add).await.unwrap();
    shop.app()
        .wait_for::<CartOverview>(receipt.position)
        .await
        .unwrap();
    let mut ada = Browser::at(&shop);
    let page = ada.page(&format!("/carts/{cart}/history")).await;
    page.has("not said")
        .has("1 × &#60;ARTICLE&#62; at £1.00")
        .has("max=\"1\"");
    shop.close().await;
}
