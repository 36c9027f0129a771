//! Forms are taken from the shop's own pages alone, told by headers that no other site can set.
//!
//! The rules are those of `http.CrossOriginProtection` in Go's standard library
//! (<https://pkg.go.dev/net/http#CrossOriginProtection>), which needs neither tokens nor a store for
//! them: all browsers since 2023 send `Sec-Fetch-Site`, older ones send `Origin`.

use axum::extract::Request;
use axum::http::uri::Uri;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::PageError;

/// Refuses what another site lets a browser send.
pub(super) async fn protect(request: Request, next: Next) -> Response {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    match safe || is_own(request.headers(), request.uri()) {
        true => next.run(request).await,
        false => refused().into_response(),
    }
}

fn is_own(headers: &HeaderMap, uri: &Uri) -> bool {
    if let Some(site) = text(headers, "sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        // Neither header: no browser, or one so old that it cannot be told.
        return true;
    };
    let origin = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.parse::<Uri>().ok());
    let origin = origin.as_ref().and_then(|origin| origin.authority());
    // HTTP/2 has the host in the address and no such header.
    let host = text(headers, header::HOST.as_str());
    let host = host.or_else(|| uri.authority().map(|host| host.as_str()));
    origin.is_some_and(|origin| host == Some(origin.as_str()))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn refused() -> PageError {
    PageError::forbidden(
        "This form came from another site, so nothing was done. Open the page here and send it again.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(headers: &[(&'static str, &'static str)]) -> bool {
        let named = headers.iter().map(|(name, value)| {
            let value = axum::http::HeaderValue::from_static(value);
            (axum::http::HeaderName::from_static(name), value)
        });
        is_own(&named.collect(), &Uri::from_static("/cart/items"))
    }

    #[test]
    fn only_the_own_origin_is_let_through() {
        assert!(own(&[("sec-fetch-site", "same-origin")]));
        assert!(own(&[("sec-fetch-site", "none")]));
        assert!(own(&[
            ("host", "shop:3000"),
            ("origin", "http://shop:3000")
        ]));
        assert!(own(&[("host", "shop:3000")]));
        for site in ["cross-site", "same-site", "nonsense"] {
            assert!(!own(&[
                ("sec-fetch-site", site),
                ("host", "shop"),
                ("origin", "http://shop")
            ]));
        }
        assert!(!own(&[
            ("host", "shop:3000"),
            ("origin", "http://shop:3001")
        ]));
        assert!(!own(&[("host", "shop:3000"), ("origin", "null")]));
        assert!(!own(&[("origin", "http://shop")]));
    }
}
