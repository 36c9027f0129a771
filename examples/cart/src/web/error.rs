//! What went wrong, as a page that says what to do about it.

use std::error::Error;

use askama::Template;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use cqrs::LoadError;
use cqrs::projection::DeadLetterError;
use cqrs::query::QueryError;

use super::layout::{Layout, Section};

/// A page that says why there is no other one.
#[derive(Debug)]
pub(crate) struct PageError {
    status: StatusCode,
    message: String,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    layout: Layout,
    message: String,
}

const UNAVAILABLE: &str =
    "The shop cannot do this at the moment. Nothing was changed; please try again in a minute.";

impl PageError {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, message }
    }

    /// There is nothing of this name.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// It may not be asked from there.
    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// The shop's own fault: told to the log in full, to the visitor in general.
    pub(crate) fn failed(error: &dyn Error) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text += &format!(": {error}");
            cause = error.source();
        }
        tracing::error!(error = text, "a page could not be made");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, UNAVAILABLE)
    }

    fn title(&self) -> &'static str {
        match self.status {
            StatusCode::NOT_FOUND => "Not found",
            StatusCode::FORBIDDEN => "Not from there",
            StatusCode::METHOD_NOT_ALLOWED => "That is not how this page works",
            StatusCode::PAYLOAD_TOO_LARGE => "Too much at once",
            StatusCode::TOO_MANY_REQUESTS => "One moment, please",
            status if status.is_client_error() => "That did not work",
            _ => "Something went wrong here",
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let layout = Layout::new(self.title(), Section::None, None);
        let message = self.message;
        let html = ErrorPage { layout, message }.render();
        match html {
            Ok(html) => (self.status, Html(html)).into_response(),
            Err(_) => (self.status, UNAVAILABLE).into_response(),
        }
    }
}

impl From<QueryError> for PageError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Cursor { .. } => no_such_page(),
            QueryError::Rebuilding { done, total, .. } => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                format!(
                    "This page is being made anew: {done} of {total} events are done. Please try again in a minute."
                ),
            ),
            QueryError::Stopped(_) | QueryError::TimedOut { .. } | QueryError::ShutDown { .. } => {
                tracing::error!(%error, "a view does not follow");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "What you did is stored, and the pages do not show it yet. Please look again in a minute.",
                )
            }
            other => Self::failed(&other),
        }
    }
}

/// A cursor in an address that is none of its list.
pub(crate) fn no_such_page() -> PageError {
    PageError::bad_request(
        "This link does not lead to a page of the list any more. Begin with its first page.",
    )
}

impl From<LoadError> for PageError {
    fn from(error: LoadError) -> Self {
        Self::failed(&error)
    }
}

impl From<askama::Error> for PageError {
    fn from(error: askama::Error) -> Self {
        Self::failed(&error)
    }
}

impl From<DeadLetterError> for PageError {
    fn from(error: DeadLetterError) -> Self {
        match error {
            DeadLetterError::NotRegistered { .. } | DeadLetterError::NotFound { .. } => {
                Self::not_found(
                    "No such letter waits any more. It may have been retried or discarded.",
                )
            }
            other => Self::failed(&other),
        }
    }
}

/// Makes pages of the bare answers of layers and extractors: too large, too slow, no such method.
pub(super) async fn as_pages(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let response = next.run(request).await;
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    if !failed || is_html(&response) {
        return response;
    }
    let retry_after = response.headers().get(header::RETRY_AFTER).cloned();
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut page = PageError::new(status, told(status, &method)).into_response();
    for (name, value) in [(header::RETRY_AFTER, retry_after), (header::ALLOW, allow)] {
        if let Some(value) = value {
            page.headers_mut().insert(name, value);
        }
    }
    page
}

fn is_html(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let kind = kind.map(HeaderValue::as_bytes);
    kind.is_some_and(|kind| kind.starts_with(b"text/html"))
}

fn told(status: StatusCode, method: &Method) -> String {
    let text = match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            "What you sent is larger than any of our forms. Nothing was done with it."
        }
        StatusCode::TOO_MANY_REQUESTS => {
            "That was a lot of requests in a short time. Wait a moment, then go on."
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            return format!(
                "This address does not answer to {method}. Use the links and forms of the shop."
            );
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            "This is not what a form sends. Use the forms of the shop."
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => {
            "The shop is too busy to answer in time. What you asked for may still be done; look before you send it again."
        }
        status if status.is_client_error() => {
            "What was sent cannot be understood. Use the links and forms of the shop."
        }
        _ => UNAVAILABLE,
    };
    text.to_owned()
}
