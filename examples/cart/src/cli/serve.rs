//! `cart serve`, and `cart` alone: the shop as a web application.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use cart::extract;
use cart::text::count;
use cart::web::{Shop, ShopOptions, serve};
use clap::Args;
use tokio::net::TcpListener;

use super::{StoreOption, output, store};

/// Where the shop listens, and what it may use.
#[derive(Args, Debug)]
pub(super) struct ServeOptions {
    /// The address and port to listen on; port 0 takes a free one.
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "CART_LISTEN",
        hide_env_values = true
    )]
    #[arg(default_value = "127.0.0.1:3000")]
    listen: String,
    /// Where confirmations of orders are written [default: `mail` beside the store].
    #[arg(
        long,
        value_name = "FOLDER",
        env = "CART_MAIL_FOLDER",
        hide_env_values = true
    )]
    mail_folder: Option<PathBuf>,
    /// How many requests a second are answered to one address; four seconds' worth may come at once.
    #[arg(
        long,
        value_name = "NUMBER",
        env = "CART_REQUESTS_PER_SECOND",
        hide_env_values = true
    )]
    #[arg(default_value = "100")]
    requests_per_second: NonZeroU32,
    #[command(flatten)]
    store: StoreOption,
}

pub(super) async fn run(options: ServeOptions) -> anyhow::Result<ExitCode> {
    // Before the store is touched: a second shop on one port must change nothing.
    let listener = listen(&options.listen).await?;
    let url = store::url(&options.store)?;
    let mail_folder = match options.mail_folder {
        Some(folder) => folder,
        None => beside(&url)?,
    };
    let mut shop = ShopOptions::new(&url, mail_folder);
    shop.requests_per_second = options.requests_per_second;
    let shop = Shop::open(shop).await;
    let shop = shop.with_context(|| format!("the store `{url}` cannot be opened"))?;
    let outcome = open_doors(&shop, listener).await;
    shop.close().await;
    outcome?;
    Ok(ExitCode::SUCCESS)
}

async fn open_doors(shop: &Shop, listener: TcpListener) -> anyhow::Result<()> {
    let ended = ended()?;
    let stocked = extract::stock(shop.app())
        .await
        .map_err(|error| anyhow!(error));
    if let Some(stocked) = stocked.context("the first goods cannot be brought in")? {
        let invoices = count(stocked.invoices);
        output::print(&format!(
            "The store was empty, so it was stocked with {invoices} real invoices (Online Retail, UCI, CC BY 4.0)."
        ))?;
    }
    let address = listener.local_addr()?;
    output::print(&format!(
        "The shop is open at http://{address} (Ctrl-C closes it)"
    ))?;
    Ok(serve(shop.clone(), listener, ended).await?)
}

async fn listen(text: &str) -> anyhow::Result<TcpListener> {
    let found = tokio::net::lookup_host(text).await;
    let found: Vec<SocketAddr> = found.map(Iterator::collect).unwrap_or_default();
    if found.is_empty() {
        bail!("`{text}` is no address to listen on; write one with a port, such as 127.0.0.1:3000");
    }
    let listener = TcpListener::bind(&found[..]).await;
    listener.with_context(|| {
        format!("`{text}` cannot be listened on; choose another one with --listen")
    })
}

/// A store that is no file has nothing beside it.
fn beside(url: &str) -> anyhow::Result<PathBuf> {
    let file = store::file(url).filter(|file| file.file_name().is_some());
    match file.as_deref().and_then(Path::parent) {
        Some(folder) => Ok(folder.join("mail")),
        None => Ok(store::data_folder()?.join("mail")),
    }
}

/// Ready at Ctrl-C, or when the system asks the process to end.
fn ended() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    #[cfg(unix)]
    let mut terminated = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate()).context("the signals of the system cannot be heard")?
    };
    Ok(async move {
        let interrupted = tokio::signal::ctrl_c();
        #[cfg(unix)]
        tokio::select! {
            _ = interrupted => {}
            _ = terminated.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = interrupted.await;
    })
}
