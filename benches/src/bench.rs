//! How one run measures: its folder, its passes, and how long each takes.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tempfile::TempDir;

/// One run of the program.
pub(crate) struct Bench {
    pub(crate) passes: usize,
    pub(crate) quick: bool,
    /// How long an operation is repeated in each pass.
    pub(crate) time: Duration,
    pub(crate) warm_up: Duration,
    folder: TempDir,
    files: AtomicU64,
}

/// A database in the run's folder, removed with its side files when it is dropped.
#[derive(Debug)]
pub(crate) struct DatabaseFile {
    path: PathBuf,
}

impl Bench {
    pub(crate) fn new(quick: bool) -> Result<Self> {
        let parent = build_folder()?.join("bench");
        std::fs::create_dir_all(&parent)
            .with_context(|| format!("cannot make {}", parent.display()))?;
        let folder = tempfile::Builder::new().prefix("run-").tempdir_in(parent)?;
        Ok(Self {
            passes: if quick { 1 } else { 5 },
            quick,
            time: Duration::from_millis(if quick { 400 } else { 1500 }),
            warm_up: Duration::from_millis(if quick { 100 } else { 200 }),
            folder,
            files: AtomicU64::default(),
        })
    }

    /// Removes the run's folder, and its parent unless another run is in it.
    pub(crate) fn close(self) -> Result<()> {
        let parent = self.folder.path().parent().map(Path::to_owned);
        self.folder.close()?;
        if let Some(parent) = parent {
            let _ = std::fs::remove_dir(parent);
        }
        Ok(())
    }

    /// Where the run keeps its files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A file that never was there: SQLite removes side files by name when it closes, and an
    /// application closes its connections some time after it was dropped.
    pub(crate) fn file(&self, name: &str) -> DatabaseFile {
        let number = self.files.fetch_add(1, Ordering::Relaxed);
        DatabaseFile {
            path: self.folder.path().join(format!("{name}-{number}.db")),
        }
    }

    /// A copy that is on the disk before anybody measures.
    pub(crate) fn copy(&self, original: &DatabaseFile, name: &str) -> Result<DatabaseFile> {
        let copy = self.file(name);
        std::fs::copy(&original.path, &copy.path)?;
        std::fs::File::open(&copy.path)?.sync_all()?;
        Ok(copy)
    }

    /// How long the disk takes to make four kilobytes durable: what one commit costs at the least.
    pub(crate) fn sync_time(&self) -> Result<Duration> {
        let path = self.folder.path().join("sync");
        let mut file = std::fs::File::create(&path)?;
        let mut times = Vec::new();
        for _ in 0..50 {
            let started = Instant::now();
            file.write_all(&[0; 4096])?;
            file.sync_data()?;
            times.push(started.elapsed());
        }
        times.sort_unstable();
        std::fs::remove_file(path)?;
        Ok(times[times.len() / 2])
    }
}

/// The build's folder: the one that surely lies on a disk like the application's own.
pub(crate) fn build_folder() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let folder = program.parent().and_then(Path::parent);
    Ok(folder.map_or_else(|| PathBuf::from("target"), Path::to_owned))
}

impl DatabaseFile {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for DatabaseFile {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let mut path = self.path.clone().into_os_string();
            path.push(suffix);
            // The whole folder goes in the end; this only keeps it small meanwhile.
            let _ = std::fs::remove_file(path);
        }
    }
}
