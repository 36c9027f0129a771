//! An SQLite file, new for each round.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fastrand::Rng;
use tempfile::TempDir;

use super::{Shape, Struck, Target};
use crate::arguments::Role;
use crate::tally::Tally;
use crate::without::Mechanism;

const SHAPE: Shape = Shape {
    round: 500..3000,
    strikes: 10..60,
    lease: Duration::from_millis(150),
    page: 8,
    crew: &[
        Role::Writer,
        Role::Writer,
        Role::Writer,
        Role::Projection,
        Role::Projection,
        Role::Reader,
    ],
    eyes: &[
        Role::Writer,
        Role::Writer,
        Role::Writer,
        Role::Projection,
        Role::Projection,
        Role::Reader,
        Role::Rebuilder,
        Role::Reader,
        Role::Reader,
    ],
    poll: Duration::from_millis(10),
    streams: 3,
    applications: 1,
};

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
    fn shape(&self) -> &'static Shape {
        &SHAPE
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
