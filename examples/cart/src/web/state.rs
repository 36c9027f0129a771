//! What every handler is given: the application, and what the web server keeps beside it.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cqrs::prelude::*;
use cqrs::projection::ProjectionOptions;
use cqrs::{OpenError, RetryPolicy};
use tokio::sync::watch;

use super::limits::{self, Limit};
use super::live::Live;
use super::metrics::Metrics;
use crate::order::Mailer;
use crate::system::{Rates, Rebuilds};
use crate::views::with_views;

/// How the shop is opened.
#[derive(Debug, Clone)]
pub struct ShopOptions {
    /// Where events and views are stored, for example `sqlite:shop.db`.
    pub store: String,
    /// Where confirmations of orders are written.
    pub mail_folder: PathBuf,
    /// How often a confirmation that cannot be written is tried again.
    pub mail_retry: RetryPolicy,
    /// How the views follow the log.
    pub projections: ProjectionOptions,
    /// How many requests one address may send in a second.
    pub requests_per_second: NonZeroU32,
}

impl ShopOptions {
    /// As a shop is run: patient with the mail folder, generous with requests.
    pub fn new(store: impl Into<String>, mail_folder: impl Into<PathBuf>) -> Self {
        Self {
            store: store.into(),
            mail_folder: mail_folder.into(),
            mail_retry: RetryPolicy::new(3, Duration::from_millis(200), Duration::from_secs(2)),
            projections: ProjectionOptions::default(),
            requests_per_second: NonZeroU32::MIN.saturating_add(99),
        }
    }
}

/// The running shop: cheap to clone.
#[derive(Clone, Debug)]
pub struct Shop {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    app: App,
    metrics: Metrics,
    rates: Rates,
    rebuilds: Rebuilds,
    sales: Live,
    limit: Option<Limit>,
    stop: watch::Sender<bool>,
}

impl Shop {
    /// Opens the store with all views, the confirmations, and what keeps live pages live.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the store cannot be opened.
    pub async fn open(options: ShopOptions) -> Result<Self, OpenError> {
        let metrics = Metrics::new();
        let app = App::open(options.store).hook(metrics.clone());
        let app = with_views(app, options.projections).await?;
        let mailer = Mailer::new(options.mail_folder, options.mail_retry);
        mailer.subscribe(&app).await?;
        let inner = Inner {
            app,
            metrics,
            rates: Rates::default(),
            rebuilds: Rebuilds::default(),
            sales: Live::new(),
            limit: limits::limit(options.requests_per_second),
            stop: watch::Sender::new(false),
        };
        let inner = Arc::new(inner);
        let shop = Self { inner };
        shop.start();
        Ok(shop)
    }

    fn start(&self) {
        self.run(self.rates().clone().measure(self.app().clone()));
        self.run(crate::sales::live::follow(
            self.app().clone(),
            self.sales().clone(),
        ));
        if let Some(limit) = &self.inner.limit {
            self.run(limits::forget(Arc::clone(limit)));
        }
    }

    /// In the background until the shop closes.
    pub(crate) fn run(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stopped = self.stopped();
        tokio::spawn(async move {
            tokio::select! {
                () = stopped => {}
                () = task => {}
            }
        });
    }

    /// The application, for commands and views.
    pub fn app(&self) -> &App {
        &self.inner.app
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    pub(super) fn limit(&self) -> Option<&Limit> {
        self.inner.limit.as_ref()
    }

    pub(crate) fn rates(&self) -> &Rates {
        &self.inner.rates
    }

    pub(crate) fn rebuilds(&self) -> &Rebuilds {
        &self.inner.rebuilds
    }

    pub(crate) fn sales(&self) -> &Live {
        &self.inner.sales
    }

    /// Ready when the shop closes.
    pub(crate) fn stopped(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut stop = self.inner.stop.subscribe();
        async move {
            // An error means that the shop itself is gone.
            let _ = stop.wait_for(|stop| *stop).await;
        }
    }

    /// Ends live streams and what runs in the background, so that connections can end.
    pub(super) fn stop(&self) {
        self.inner.stop.send_replace(true);
    }

    /// Closes the shop: what was begun is finished, leases are given back.
    pub async fn close(&self) {
        self.stop();
        self.app().shutdown().await;
    }
}
