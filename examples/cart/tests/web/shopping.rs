//! The cart: what is put in, changed, taken out and ordered, and what is wrong with what was typed.

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
async fn a_quantity_that_is_none_is_told_beside_the_field_and_kept() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    ada.add("A", "1").await;
    let form = ada.form_at("/products/A").await;
    for (typed, kept, error) in [
        ("", "value=\"\"", "Enter how many you want."),
        ("0", "value=\"0\"", "The quantity must be at least 1"),
        ("-3", "value=\"-3\"", "The quantity must be at least 1"),
        ("1e9", "value=\"1e9\"", "“1e9” is not a whole number"),
        ("two", "value=\"two\"", "“two” is not a whole number"),
        ("1.5", "value=\"1.5\"", "“1.5” is not a whole number"),
        ("100001", "value=\"100001\"", "At most 100000 of an article"),
        (
            "99999999999999999999",
            "value=\"99999999999999999999\"",
            "At most 100000 of an article",
        ),
        (
            "\"><b>",
            "value=\"&#34;&#62;&#60;b&#62;\"",
            "“&#34;&#62;&#60;b&#62;” is not a whole number",
        ),
    ] {
        let fields = [
            ("form", form.as_str()),
            ("product", "A"),
            ("quantity", typed),
        ];
        ada.post("/cart/items", &fields)
            .await
            .tells("quantity", error)
            .has(kept);
        let fields = [("form", form.as_str()), ("quantity", typed)];
        let answer = ada.post("/cart/items/A/quantity", &fields).await;
        answer.tells("quantity-1", error).has(kept);
    }
    // Each of them is allowed, and together they are too many: the cart itself says no.
    let fields = [
        ("form", form.as_str()),
        ("product", "A"),
        ("quantity", "100000"),
    ];
    let answer = ada.post("/cart/items", &fields).await;
    answer.tells(
        "quantity",
        "At most 100000 of `ARTICLE A` can be ordered at once.",
    );
    ada.page("/cart").await.has("<dd id=\"total\">£1.50</dd>");
    shop.close().await;
}

#[tokio::test]
async fn a_country_that_is_none_is_told_beside_the_field_and_kept() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    ada.add("A", "1").await;
    let form = ada.form_at("/cart").await;
    let long = "x".repeat(5000);
    for (typed, error) in [
        ("", "Choose the country"),
        ("Atlantis", "We do not deliver to “Atlantis”"),
        (long.as_str(), "That is too long"),
    ] {
        let fields = [("form", form.as_str()), ("country", typed)];
        let answer = ada.post("/cart/checkout", &fields).await;
        answer.tells("country", error);
        if !typed.is_empty() {
            answer.has(&format!("<option value=\"{typed}\" selected>"));
        }
    }
    assert_eq!(shop.app().view::<OrderSummary>().count().await.unwrap(), 2);
    shop.close().await;
}

#[tokio::test]
async fn a_cart_without_anything_in_it_is_not_ordered() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    let form = ada.form_at("/products/A").await;
    let fields = [("form", form.as_str()), ("country", "France")];
    let answer = ada.post("/cart/checkout", &fields).await;
    answer
        .is(UNPROCESSABLE)
        .has("There is nothing in this cart yet.");
    ada.add("A", "1").await;
    let form = ada.form_at("/cart").await;
    ada.submit("/cart/items/A/remove", &[("form", &form)]).await;
    let fields = [("form", form.as_str()), ("country", "France")];
    let answer = ada.post("/cart/checkout", &fields).await;
    answer
        .is(UNPROCESSABLE)
        .has("The cart is empty; put something into it first.");
    shop.close().await;
}

#[tokio::test]
async fn what_is_not_in_the_cart_is_neither_changed_nor_removed() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    let cart = ada.add("A", "1").await;
    let form = cart.form();
    let fields = [("form", form.as_str()), ("quantity", "2")];
    let answer = ada.post("/cart/items/B/quantity", &fields).await;
    answer.is(UNPROCESSABLE).has("`B` is not in the cart.");
    let answer = ada.post("/cart/items/B/remove", &fields).await;
    answer.is(UNPROCESSABLE).has("`B` is not in the cart.");
    let answer = ada
        .post(
            "/cart/items/B/quantity",
            &[("form", &form), ("quantity", "no")],
        )
        .await;
    answer
        .is(UNPROCESSABLE)
        .has("“B” is not in the cart any more.");
    shop.close().await;
}

#[tokio::test]
async fn a_form_without_its_number_is_shown_again_with_one() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    ada.add("A", "1").await;
    for form in ["", "17", "not-a-uuid"] {
        let fields = [
            ("form", form),
            ("product", "A"),
            ("quantity", "2"),
            ("country", "France"),
        ];
        for address in [
            "/cart/items",
            "/cart/items/A/quantity",
            "/cart/items/A/remove",
            "/cart/checkout",
        ] {
            let answer = ada.post(address, &fields).await;
            answer
                .is(UNPROCESSABLE)
                .has("This form came without its number.");
            assert_eq!(answer.form().len(), 36);
        }
    }
    ada.page("/cart").await.has("<dd id=\"total\">£1.50</dd>");
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
