//! A visitor's way of asking: with cookies, and with a look at every answer.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::{Client, RequestBuilder, StatusCode};

/// The shop answers within twenty seconds, or says that it cannot.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser without a screen.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    client: Client,
    address: String,
}

/// A page that was asked for and found.
#[derive(Debug)]
pub(crate) struct Page {
    /// Where it was found, after redirects.
    pub(crate) path: String,
    pub(crate) body: String,
}

impl Visitor {
    pub(crate) fn new(address: &str) -> Result<Self> {
        let client = Client::builder().cookie_store(true).timeout(PATIENCE);
        let client = client.no_proxy().build()?;
        let address = address.to_owned();
        Ok(Self { client, address })
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Page> {
        self.send(self.client.get(self.url(path)), path).await
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Result<Page> {
        self.send(self.client.post(self.url(path)).form(fields), path)
            .await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    async fn send(&self, request: RequestBuilder, path: &str) -> Result<Page> {
        let answer = request.send().await.with_context(|| path.to_owned())?;
        let status = answer.status();
        let found = answer.url().path().to_owned();
        let body = answer.text().await.with_context(|| path.to_owned())?;
        ensure!(status == StatusCode::OK, "{path}: {status}\n{body}");
        Ok(Page { path: found, body })
    }
}

impl Page {
    /// The text between two others, from where the first of them is found.
    pub(crate) fn between(&self, begin: &str, end: &str) -> Result<&str> {
        let found = self
            .body
            .split_once(begin)
            .and_then(|(_, rest)| rest.split_once(end));
        let found = found.map(|(between, _)| between);
        found.with_context(|| format!("no `{begin}` on the page {}", self.path))
    }

    pub(crate) fn all_between<'a>(
        &'a self,
        begin: &'a str,
        end: &'a str,
    ) -> impl Iterator<Item = &'a str> {
        let pieces = self.body.split(begin).skip(1);
        pieces.filter_map(move |piece| Some(piece.split_once(end)?.0))
    }
}
