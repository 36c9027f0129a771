//! Loading a stream through `app.load`.

use anyhow::{Context as _, Result, ensure};
use cqrs::{App, Open as _};

use crate::domain::Account;
use crate::session::Session;
use crate::workload;

/// Loads the one stream of so many events again and again.
pub(crate) async fn open(events: u64, url: &str) -> Result<Session> {
    let app = App::open(url).await?;
    let expected = workload::long_stream_balance(events);
    Ok(Session::new(1, move |_| {
        let app = app.clone();
        async move {
            let loaded = app.load::<Account>(&workload::account(0)).await?;
            let loaded = loaded.context("the stream is empty")?;
            let loaded = (loaded.state.balance, loaded.version);
            ensure!(loaded == (expected, events), "loaded {loaded:?}");
            Ok(())
        }
    }))
}
