//! What is wrong with what was typed: told beside the field, kept, and nothing is done.

use axum::http::StatusCode;
use cart::order::OrderSummary;

use crate::browser::{Browser, stocked};
use crate::common::Folder;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

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
