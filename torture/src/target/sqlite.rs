//! An SQLite file, new for each round.

use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use fastrand::Rng;
use tempfile::TempDir;

use super::{Struck, Target};
use crate::arguments::Role;
use crate::tally::Tally;
use crate::without::Mechanism;

const CREW: &[Role] = &[
    Role::Writer,
    Role::Writer,
    Role::Writer,
    Role::Projection,
    Role::Projection,
    Role::Reader,
];

pub(crate) struct SqliteFile {
    folder: Option<TempDir>,
}

impl SqliteFile {
    pub(crate) fn new(without: Option<Mechanism>) -> Result<Self> {
        ensure!(
            without != Some(Mechanism::Mark),
            "SQLite has no mark: it writes one transaction after the other; try it on `postgres`"
        );
        Ok(Self { folder: None })
    }

    fn folder(&self) -> &Path {
        self.folder.as_ref().map_or(Path::new(""), TempDir::path)
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.folder().join("torture.db").display())
    }
}

impl Target for SqliteFile {
    fn round_milliseconds(&self) -> Range<u64> {
        500..3000
    }

    fn pause_milliseconds(&self) -> Range<u64> {
        10..60
    }

    fn crew(&self) -> &'static [Role] {
        CREW
    }

    fn streams(&self) -> u64 {
        3
    }

    fn applications(&self) -> usize {
        1
    }

    fn begin(&mut self) -> Result<()> {
        let folder = tempfile::Builder::new().prefix("cqrs-torture-").tempdir()?;
        self.folder = Some(folder);
        Ok(())
    }

    fn address(&self, _: Role) -> Result<String> {
        Ok(self.url())
    }

    fn record(&self) -> PathBuf {
        self.folder().join("record")
    }

    fn strike(&mut self, _: &mut Rng, _: &mut Tally) -> Result<Struck> {
        Ok(Struck::Nothing)
    }

    fn move_on(&mut self, _: &mut Tally) -> Result<()> {
        Ok(())
    }

    fn settle(&mut self, _: &mut Tally) -> Result<String> {
        set_aside(self.folder())?;
        Ok(self.url())
    }

    fn keep(&mut self) -> Result<()> {
        let folder = self.folder.take().context("there is no file")?;
        eprintln!("the file stays in {}", folder.keep().display());
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        self.folder = None;
        Ok(())
    }
}

/// Copies the files as the children left them: whoever opens them and closes them again, as the
/// checks do, moves the write-ahead log into the database and so removes what it tells.
fn set_aside(folder: &Path) -> Result<()> {
    let found = folder.join("found");
    std::fs::create_dir(&found)?;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), found.join(entry.file_name()))?;
        }
    }
    Ok(())
}
