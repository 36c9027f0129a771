//! The style sheet, the script and the icon: in the program, under names that change with them.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::PageError;

/// A file that browsers may keep for ever.
pub(super) struct Asset {
    pub(super) address: String,
    kind: &'static str,
    content: &'static str,
}

impl Asset {
    fn new(name: &str, kind: &'static str, content: &'static str) -> Self {
        let version = Uuid::new_v5(&Uuid::NAMESPACE_URL, content.as_bytes())
            .simple()
            .to_string();
        let address = format!("/assets/{}-{name}", &version[..12]);
        Self {
            address,
            kind,
            content,
        }
    }
}

pub(super) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("../../assets/shop.css");
    Asset::new("shop.css", "text/css; charset=utf-8", content)
});

pub(super) static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("../../assets/shop.js");
    Asset::new("shop.js", "text/javascript; charset=utf-8", content)
});

const ICON: &str = include_str!("../../assets/icon.svg");

/// A style sheet or script of this version.
pub(super) async fn asset(Path(name): Path<String>) -> Response {
    let known = [&*STYLE, &*SCRIPT];
    let address = format!("/assets/{name}");
    match known.into_iter().find(|asset| asset.address == address) {
        Some(asset) => {
            let forever = "public, max-age=31536000, immutable";
            let headers = [
                (header::CONTENT_TYPE, asset.kind),
                (header::CACHE_CONTROL, forever),
            ];
            (headers, asset.content).into_response()
        }
        None => PageError::not_found("There is no such file.").into_response(),
    }
}

/// The icon of the shop.
pub(super) async fn icon() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "public, max-age=86400"),
    ];
    (headers, ICON).into_response()
}
