//! Every address answers with a page; what is not there is said.

use axum::http::StatusCode;

use crate::browser::{Browser, encoded, stocked};
use crate::common::Folder;

#[tokio::test]
async fn products_are_listed_sorted_and_paged() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    let list = ada.page("/").await;
    list.is_page()
        .has("<h1>Products</h1>")
        .has("£1.50")
        .has("/products/C%2FD%20%26%20%C3%89");
    let by_name = ada.page("/?sort=name").await;
    let place = |text: &str| by_name.body.find(text).unwrap();
    assert!(place("ARTICLE A<") < place("ARTICLE B<"));
    by_name.has_not("Next page");

    let lines: Vec<String> = (0..45).map(|code| format!("9,P{code:02},1,1")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let file = cart::import::read(&folder.invoices("more.csv", &lines)).unwrap();
    let stop = std::future::pending();
    cart::import::run(shop.app(), &file, stop, |_| {})
        .await
        .unwrap();
    crate::common::settled(shop.app()).await;
    let (mut address, mut seen) = ("/?sort=name".to_owned(), Vec::new());
    loop {
        let page = ada.page(&address).await;
        let codes = page.body.split("name=\"product\" value=\"").skip(1);
        seen.extend(codes.map(|rest| rest.split('"').next().unwrap().to_owned()));
        let Some((_, rest)) = page.body.split_once("rel=\"next\" href=\"") else {
            break;
        };
        address = rest.split('"').next().unwrap().replace("&#38;", "&");
    }
    assert_eq!(seen.len(), 48);
    seen.dedup();
    assert_eq!(seen.len(), 48);
    shop.close().await;
}

#[tokio::test]
async fn a_search_finds_and_marks_and_never_fails() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    let found = ada.page("/?q=article+b").await;
    found
        .has("1 found for “article b”")
        .has("<mark>ARTICLE</mark> <mark>B</mark>");
    ada.page("/?q=artic").await.has("3 found");
    ada.page("/?q=zebra")
        .await
        .has("Nothing found for “zebra”.");
    for typed in [
        "\"",
        "*",
        "<script>alert(1)</script>",
        "a AND OR NOT (",
        "%00",
        &"x ".repeat(900),
    ] {
        let answer = ada.page(&format!("/?q={}", encoded(typed))).await;
        answer.is_page().has_not("<script>alert");
    }
    shop.close().await;
}

#[tokio::test]
async fn a_product_has_a_page_whatever_its_code() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    ada.page("/products/A")
        .await
        .is_page()
        .has("ARTICLE A</h1>")
        .has("£1.50")
        .has("2 pieces");
    let odd = ada.page(&format!("/products/{}", encoded("C/D & É"))).await;
    odd.has("value=\"C/D &#38; É\"");
    shop.close().await;
}

#[tokio::test]
async fn what_is_not_there_is_a_helpful_page() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    let nobody = "00000000-0000-4000-8000-000000000000";
    for address in [
        "/nothing",
        "/products/ZZZ",
        "/products/%3Cb%3E",
        "/orders/ZZZ",
        "/carts/ZZZ/history",
        &format!("/carts/{nobody}/history"),
        "/system/letters/orders/17@row:x",
        "/system/letters/orders/nonsense",
        "/system/letters/nothing/17@row:x",
        "/assets/nothing.css",
    ] {
        let answer = ada.get(address).await;
        answer
            .is(StatusCode::NOT_FOUND)
            .is_page()
            .has("href=\"/\"")
            .has_not("<b>");
    }
    let form = ada.form_at("/products/A").await;
    let fields = [
        ("form", form.as_str()),
        ("product", "ZZZ"),
        ("quantity", "1"),
        ("view", "no"),
    ];
    for address in [
        "/cart/items",
        "/orders/ZZZ/cancel",
        "/system/rebuilds",
        "/system/letters/no",
    ] {
        let answer = ada.post(address, &fields).await;
        answer.is(StatusCode::NOT_FOUND).is_page();
    }
    for address in [
        "/?after=nonsense",
        "/?after=7b7d",
        "/orders?after=nonsense",
        "/orders?whose=all&after=00",
    ] {
        let answer = ada.get(address).await;
        answer
            .is(StatusCode::BAD_REQUEST)
            .is_page()
            .has("Begin with its first page.");
    }
    shop.close().await;
}

#[tokio::test]
async fn style_script_and_icon_are_served_and_kept() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    let page = ada.page("/").await;
    for (mark, kind) in [
        ("rel=\"stylesheet\" href=\"", "text/css; charset=utf-8"),
        ("<script src=\"", "text/javascript; charset=utf-8"),
    ] {
        let address = crate::browser::between(&page.body, mark, "\"").to_owned();
        let file = ada.page(&address).await;
        assert_eq!(file.header("content-type"), kind);
        assert!(file.header("cache-control").contains("immutable"));
    }
    let icon = ada.page("/assets/icon.svg").await;
    assert_eq!(icon.header("content-type"), "image/svg+xml");
    shop.close().await;
}
