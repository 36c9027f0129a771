//! The cart: what is put in, changed, taken out and ordered.

use axum::http::StatusCode;
use cart::cart::CartOverview;
use cart::order::OrderSummary;

use crate::browser::{Browser, encoded, stocked};
use crate::common::Folder;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

#[tokio::test]
async fn what_is_put_into_the_cart_is_there_at_once() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    let cart = ada.add("A", "3").await;
    cart.has("It is in your cart.")
        .has("ARTICLE A")
        .has("£4.50");
    let cart = ada.add("C/D & É", "1").await;
    cart.has("ARTICLE C/D &#38; É")
        .has("<dd id=\"total\">£7.50</dd>");
    cart.has("with </span>4</span>");

    let form = ada.form_at("/cart").await;
    let changed = ada
        .submit(
            "/cart/items/A/quantity",
            &[("form", &form), ("quantity", "5")],
        )
        .await;
    changed.has("The quantity is changed.").has("£10.50");
    let form = changed.form();
    let address = format!("/cart/items/{}/remove", encoded("C/D & É"));
    let removed = ada.submit(&address, &[("form", &form)]).await;
    removed
        .has("It is out of your cart.")
        .has("£7.50")
        .has_not("C/D");

    let mut bob = Browser::at(&shop);
    bob.page("/cart").await.has("Your cart is empty.");
    shop.close().await;
}

#[tokio::test]
async fn a_form_that_was_sent_twice_adds_once() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    let form = ada.form_at("/products/A").await;
    let fields = [("form", form.as_str()), ("product", "A"), ("quantity", "2")];
    ada.submit("/cart/items", &fields)
        .await
        .has("It is in your cart.");
    let again = ada.submit("/cart/items", &fields).await;
    again
        .has("That was done already")
        .has("<dd id=\"total\">£3.00</dd>");
    // Changed before it was sent again, it is another wish.
    let fields = [("form", form.as_str()), ("product", "A"), ("quantity", "1")];
    ada.submit("/cart/items", &fields)
        .await
        .has("<dd id=\"total\">£4.50</dd>");
    shop.close().await;
}

#[tokio::test]
async fn a_check_out_shows_the_order_and_ordered_twice_it_is_one() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    ada.add("A", "2").await;
    let form = ada.form_at("/cart").await;
    let fields = [
        ("form", form.as_str()),
        ("cart", "0"),
        ("country", "France"),
    ];
    let mut second_click = ada.clone();
    let (first, second) = tokio::join!(
        ada.post("/cart/checkout", &fields),
        second_click.post("/cart/checkout", &fields)
    );
    first.is(StatusCode::SEE_OTHER);
    assert_eq!(first.location(), second.location());
    // And once more, with the cookie of the cart that comes after.
    let third = ada.post("/cart/checkout", &fields).await;
    assert_eq!(first.location(), third.location());

    let order = ada.page(&first.location()).await;
    order
        .has("Thank you! Your order is placed.")
        .has("<dd id=\"total\">£3.00</dd>")
        .has("France");
    ada.page("/cart").await.has("Your cart is empty.");
    let orders = ada.page("/orders").await;
    assert_eq!(orders.body.matches("class=\"state on\"").count(), 1);
    assert_eq!(shop.app().view::<OrderSummary>().count().await.unwrap(), 3);
    shop.close().await;
}

#[tokio::test]
async fn two_tabs_that_change_one_cart_lose_nothing() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut one = Browser::at(&shop);
    one.page("/").await;
    let mut other = one.clone();
    let (left, right) = (
        one.form_at("/products/A").await,
        other.form_at("/products/B").await,
    );
    let a = [
        ("form", left.as_str()),
        ("cart", "0"),
        ("product", "A"),
        ("quantity", "1"),
    ];
    let b = [
        ("form", right.as_str()),
        ("cart", "0"),
        ("product", "B"),
        ("quantity", "1"),
    ];
    let (first, second) = tokio::join!(one.post("/cart/items", &a), other.post("/cart/items", &b));
    first.is(StatusCode::SEE_OTHER);
    second.is(StatusCode::SEE_OTHER);
    one.page("/cart")
        .await
        .has("ARTICLE A")
        .has("ARTICLE B")
        .has("£3.50");

    // One orders while the other still shows the cart.
    let old = other.page("/cart").await.form();
    one.order().await;
    let fields = [("form", old.as_str()), ("cart", "0"), ("country", "Spain")];
    let refused = other.post("/cart/checkout", &fields).await;
    refused
        .is(UNPROCESSABLE)
        .has("This cart has been ordered already; start a new one.");
    let fields = [("form", old.as_str()), ("cart", "0"), ("quantity", "7")];
    let refused = other.post("/cart/items/A/quantity", &fields).await;
    refused
        .is(UNPROCESSABLE)
        .has("This cart has been ordered already");
    // What is added goes into the next cart, which both have.
    let fields = [
        ("form", old.as_str()),
        ("cart", "0"),
        ("product", "B"),
        ("quantity", "4"),
    ];
    other
        .submit("/cart/items", &fields)
        .await
        .has("<dd id=\"total\">£8.00</dd>");
    one.page("/cart").await.has("<dd id=\"total\">£8.00</dd>");
    shop.close().await;
}

#[tokio::test]
async fn a_full_cart_fits_a_page() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    ada.add("A", "1").await;
    let cart = shop
        .app()
        .view::<CartOverview>()
        .page(1)
        .await
        .unwrap()
        .rows
        .remove(0)
        .cart;
    let adding = (1..cart::cart::MAX_ARTICLES).map(|number| {
        let product = format!("{number:04}-{}", "é&<".repeat(6));
        shop.app().execute(cart::cart::CartCommand::AddItem {
            cart,
            name: format!("SET OF THREE & A LONG NAME <{product}>"),
            product: product.as_str().into(),
            units: 1,
            price: 1.into(),
        })
    });
    // One stream takes them one after another anyway.
    for added in adding {
        added.await.unwrap();
    }
    let head = shop.app().head().await.unwrap().position;
    shop.app().wait_for::<CartOverview>(head).await.unwrap();
    for address in ["/cart", "/cart?page=13", &format!("/carts/{cart}/history")] {
        let page = ada.page(address).await;
        assert!(
            page.body.len() < 100_000,
            "{address} has {} bytes",
            page.body.len()
        );
    }
    let last = ada.page("/cart?page=13").await;
    last.has("Page 13 of 13").has("0499-");

    let form = last.form();
    let fields = [("form", form.as_str()), ("product", "B"), ("quantity", "1")];
    let answer = ada.post("/cart/items", &fields).await;
    answer.tells(
        "quantity",
        "A cart holds at most 500 different articles; order these first.",
    );
    let (_, order) = ada.order().await;
    assert!(order.body.len() < 100_000, "{} bytes", order.body.len());
    order.has("Page 1 of 5");
    shop.close().await;
}
