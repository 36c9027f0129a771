//! Whether the path still leads to the file that is open.
//!
//! SQLite would go on writing into a file that was deleted, and acknowledge what nobody can read again.

use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// The file as the file system knows it.
#[derive(Debug)]
pub(super) struct Identity {
    path: PathBuf,
    id: Option<FileId>,
}

/// Device and inode.
type FileId = (u64, u64);

impl Identity {
    pub(super) fn of(path: &Path) -> Result<Self, Error> {
        Ok(Self {
            path: path.to_owned(),
            id: id(path)?,
        })
    }

    /// An error where another file, or none, is at the path now.
    pub(super) fn check(&self) -> Result<(), Error> {
        let moved =
            || Error::other("it was moved or deleted while it was open; put it back, or restart");
        match id(&self.path) {
            Ok(id) if id == self.id => Ok(()),
            Ok(_) => Err(moved()),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(moved()),
            Err(error) => Err(error),
        }
    }
}

/// By its metadata: to open and close the file would drop the locks that SQLite holds on it
/// (<https://www.sqlite.org/howtocorrupt.html>, 2.2).
#[cfg(unix)]
fn id(path: &Path) -> Result<Option<FileId>, Error> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(path)?;
    Ok(Some((metadata.dev(), metadata.ino())))
}

/// An open file can be neither moved nor deleted there.
#[cfg(not(unix))]
fn id(_: &Path) -> Result<Option<FileId>, Error> {
    Ok(None)
}
