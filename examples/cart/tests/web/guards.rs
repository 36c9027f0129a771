//! What the shop does not let through, always with a page that says so.

use std::num::NonZeroU32;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use cart::cart::CartOverview;
use cart::web::Shop;

use crate::browser::{Browser, form, options, stocked};
use crate::common::Folder;

#[tokio::test]
async fn a_form_from_another_site_does_nothing() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    let number = ada.form_at("/products/A").await;
    let body = format!("form={number}&product=A&quantity=1");
    let sent = |headers: &[(&'static str, &'static str)]| {
        let mut request = form("/cart/items", body.clone());
        request.headers_mut().remove("sec-fetch-site");
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        request
    };
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("host", "shop.example"), ("origin", "https://evil.example")],
        &[("host", "shop.example"), ("origin", "null")],
    ] {
        let answer = ada.send(sent(headers)).await;
        answer
            .is(StatusCode::FORBIDDEN)
            .is_page()
            .has("This form came from another site");
    }
    assert_eq!(shop.app().view::<CartOverview>().count().await.unwrap(), 0);
    // A link from elsewhere is no form, and programs send neither header.
    let link = Request::get("/").header("sec-fetch-site", "cross-site");
    ada.send(link.body(Body::empty()).unwrap())
        .await
        .is(StatusCode::OK);
    ada.send(sent(&[])).await.is(StatusCode::SEE_OTHER);
    shop.close().await;
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    for address in [
        "/",
        "/cart",
        "/sales",
        "/system",
        "/nothing",
        "/healthz",
        "/assets/icon.svg",
    ] {
        let answer = ada.get(address).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self'"));
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        answer
            .has_not(" style=")
            .has_not("<style")
            .has_not(" onclick=")
            .has_not("<script>");
    }
    assert_eq!(ada.get("/cart").await.header("cache-control"), "no-store");
    shop.close().await;
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_and_a_broken_one_is_replaced() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    let first = ada.get("/").await;
    let cookie = first.header("set-cookie").to_owned();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    assert!(cookie.contains("Path=/"), "{cookie}");
    // Who has one keeps it.
    assert_eq!(ada.get("/").await.header("set-cookie"), "");
    for broken in [
        "visitor=",
        "visitor=x",
        "visitor=1.1",
        "visitor=\"",
        "=;;=",
        "visitor=%00.%ff",
    ] {
        let mut eve = Browser::at(&shop);
        eve.cookie = Some(broken.to_owned());
        let answer = eve.page("/cart").await;
        assert!(
            answer.header("set-cookie").starts_with("visitor="),
            "{broken}"
        );
        eve.add("A", "1").await.has("£1.50");
    }
    shop.close().await;
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused_with_a_page() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    for body in ["form=1&form=2", "quantity=1&quantity=2"] {
        let answer = ada.send(form("/cart/items", body)).await;
        answer.is(StatusCode::UNPROCESSABLE_ENTITY).is_page();
    }
    for body in ["%zz%", "&&==&", "\0\u{1}", "form", "quantity=%ff%fe"] {
        let answer = ada.send(form("/cart/items", body)).await;
        // Nothing of it names a product.
        assert!(
            answer.status.is_client_error(),
            "{body:?}: {}",
            answer.status
        );
        answer.is_page();
    }
    let answer = ada.send(form("/cart/items", vec![0xff_u8; 64])).await;
    assert!(answer.status.is_client_error());
    let json = Request::post("/cart/items").header(header::CONTENT_TYPE, "application/json");
    let answer = ada.send(json.body(Body::from("{}")).unwrap()).await;
    answer.is(StatusCode::UNSUPPORTED_MEDIA_TYPE).is_page();
    let method = Request::delete("/cart").header("sec-fetch-site", "same-origin");
    let answer = ada.send(method.body(Body::empty()).unwrap()).await;
    answer
        .is(StatusCode::METHOD_NOT_ALLOWED)
        .is_page()
        .has("does not answer to DELETE");
    assert_eq!(answer.header("allow"), "GET,HEAD");
    shop.close().await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_with_a_page() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    let large = format!("product=A&quantity={}", "1".repeat(100_000));
    let mut said = form("/cart/items", large.clone());
    said.headers_mut()
        .insert(header::CONTENT_LENGTH, large.len().into());
    let unsaid = form("/cart/items", large);
    for request in [said, unsaid] {
        let answer = ada.send(request).await;
        answer
            .is(StatusCode::PAYLOAD_TOO_LARGE)
            .is_page()
            .has("larger than any of our forms");
    }
    shop.close().await;
}

#[tokio::test]
async fn too_many_requests_are_told_to_wait() {
    let folder = Folder::new();
    let mut options = options(&folder);
    options.requests_per_second = NonZeroU32::MIN;
    let shop = Shop::open(options).await.unwrap();
    let mut ada = Browser::at(&shop);
    let mut refused = None;
    for _ in 0..50 {
        let answer = ada.get("/orders").await;
        if answer.status != StatusCode::OK {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("a limit");
    refused
        .is(StatusCode::TOO_MANY_REQUESTS)
        .is_page()
        .has("Wait a moment");
    assert!(
        refused.header("retry-after").parse::<u32>().is_ok(),
        "{:?}",
        refused.headers
    );
    // Probes are not counted.
    ada.page("/healthz").await;
    ada.page("/metrics").await;
    shop.close().await;
}
