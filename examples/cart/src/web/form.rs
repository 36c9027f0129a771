//! Forms: what was sent, read without trust.

use axum::extract::{Form, FromRequest, Request};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use super::Shop;

/// A form that was sent. Fields are read as texts with a default, so that each is judged by the page
/// that shows it; what is no form at all is answered by an error page.
pub(crate) struct Submitted<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Shop> for Submitted<T> {
    type Rejection = Response;

    async fn from_request(request: Request, shop: &Shop) -> Result<Self, Response> {
        match Form::<T>::from_request(request, shop).await {
            Ok(Form(form)) => Ok(Self(form)),
            Err(rejection) => Err(rejection.into_response()),
        }
    }
}

/// An error's text as a sentence of its own.
pub(crate) fn sentence(error: impl std::fmt::Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    let end = if text.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    format!("{}{}{end}", first.unwrap_or_default(), letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_becomes_a_sentence() {
        assert_eq!(sentence("the cart is empty"), "The cart is empty.");
        assert_eq!(sentence("Étage 3?"), "Étage 3?");
    }
}
