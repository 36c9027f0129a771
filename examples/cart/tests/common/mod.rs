//! A store in a folder of its own for each test.

// Each test file is a crate that uses some of these.
#![allow(dead_code, clippy::unwrap_used)]

pub(crate) mod open;

use std::path::{Path, PathBuf};

use cart::report::{Figures, figures};
use cart::views::{catch_up, with_views};
use cqrs::prelude::*;
use cqrs::projection::ProjectionOptions;
use tempfile::TempDir;

/// The columns of a file of invoices.
pub(crate) const HEADER: &str =
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

/// A folder that is removed at the end of the test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The address of the store in it.
    pub(crate) fn url(&self) -> String {
        format!("sqlite:{}", self.path("cart.db").display())
    }

    /// Opens the shop on it.
    pub(crate) async fn open(&self) -> App {
        let app = with_views(App::open(self.url()), ProjectionOptions::default());
        app.await.unwrap()
    }

    /// Writes a file of invoices: a line is `number,code,quantity,price`.
    pub(crate) fn invoices(&self, name: &str, lines: &[&str]) -> PathBuf {
        let mut text = HEADER.to_owned();
        for line in lines {
            let [number, code, units, price] = line.split(',').collect::<Vec<_>>()[..] else {
                panic!("`{line}` is not `number,code,quantity,price`");
            };
            let name = format!("ARTICLE {code}");
            let rest = "2010-12-01 08:26:00";
            text += &format!("{number},{code},{name},{units},{rest},{price},17850,France\n");
        }
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

/// The figures once the views show the whole log.
pub(crate) async fn settled(app: &App) -> Figures {
    catch_up(app, app.head().await.unwrap().position)
        .await
        .unwrap();
    figures(app).await.unwrap()
}

/// The small extract of real invoices that is kept beside the tests.
pub(crate) fn small_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/invoices.csv")
}

/// The whole real file, where it is at hand: `shared/data` beside a folder that this one is in.
pub(crate) fn whole_file() -> Option<PathBuf> {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let files = folders.map(|folder| folder.join("../shared/data/online-retail-train.csv.gz"));
    let found = files.into_iter().find(|file| file.exists());
    if found.is_none() {
        eprintln!("SKIPPED: ../shared/data/online-retail-train.csv.gz is not there");
    }
    found
}
