//! Which store: the one that was asked for, or a file in the user's data folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use cart::views::with_views;
use cqrs::prelude::*;
use cqrs::projection::ProjectionOptions;
use directories::ProjectDirs;

use super::{Common, StoreOption};

/// The store's address. Folders of the default file are made; nothing else is touched.
pub(super) fn url(option: &StoreOption) -> anyhow::Result<String> {
    if let Some(url) = &option.store {
        return Ok(url.clone());
    }
    let folder = data_folder()?;
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("the data folder `{}` cannot be made", folder.display()))?;
    Ok(format!("sqlite:{}", folder.join("cart.db").display()))
}

/// The folder of the user's own data.
pub(super) fn data_folder() -> anyhow::Result<PathBuf> {
    let folders = ProjectDirs::from("", "", "cart")
        .context("there is no data folder for you on this system; name a store with --store")?;
    Ok(folders.data_dir().to_owned())
}

/// The store's address where there is one already: asking for figures must not make an empty file.
pub(super) fn existing_url(common: &Common) -> anyhow::Result<String> {
    let url = url(&common.store)?;
    must_exist(&url)?;
    Ok(url)
}

/// That there is a store at the address, as far as can be told without opening it.
pub(super) fn must_exist(url: &str) -> anyhow::Result<()> {
    match file(url) {
        Some(file) if !file.exists() => {
            bail!("there is no store at `{url}`; import invoices first, or name another one")
        }
        None if url.starts_with("memory:") => {
            bail!("`{url}` is empty whenever it is opened; name a file like `sqlite:shop.db`")
        }
        _ => Ok(()),
    }
}

/// The file of an address of SQLite.
pub(super) fn file(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    Some(Path::new(path).to_owned())
}

/// Opens the shop with its views.
pub(super) async fn open(url: &str) -> anyhow::Result<App> {
    open_with(url, ProjectionOptions::default()).await
}

/// Opens the shop with its views kept elsewhere or run otherwise.
pub(super) async fn open_with(url: &str, options: ProjectionOptions) -> anyhow::Result<App> {
    let app = with_views(App::open(url), options).await;
    app.with_context(|| format!("the store `{url}` cannot be opened"))
}
