//! Live pages: a piece of a page made once for each change, and sent to every browser that shows it.

use std::convert::Infallible;
use std::sync::Arc;

use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt};
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;

use super::Shop;

/// The newest form of a piece of a page; nothing before the first change.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    newest: watch::Sender<Option<Arc<str>>>,
}

impl Live {
    pub(super) fn new() -> Self {
        let newest = watch::Sender::new(None);
        Self { newest }
    }

    /// Whether anybody looks, so that nothing is made for nobody.
    pub(crate) fn is_watched(&self) -> bool {
        self.newest.receiver_count() > 0
    }

    /// Shows it to all who look.
    pub(crate) fn show(&self, html: String) {
        self.newest.send_replace(Some(html.into()));
    }

    /// `first`, then every change, until the browser goes or the shop closes.
    pub(crate) fn stream(&self, first: String, shop: &Shop) -> impl IntoResponse + use<> {
        let changes = WatchStream::from_changes(self.newest.subscribe());
        let changes = changes.filter_map(std::future::ready);
        let first = futures_util::stream::iter([Arc::<str>::from(first)]);
        let events = first.chain(changes).take_until(shop.stopped());
        Sse::new(sent(events)).keep_alive(KeepAlive::default())
    }
}

fn sent(pieces: impl Stream<Item = Arc<str>>) -> impl Stream<Item = Result<Event, Infallible>> {
    pieces.map(|html| Ok(Event::default().data(html)))
}
