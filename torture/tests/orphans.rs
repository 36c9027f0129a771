//! No child outlives the parent, not even one that stands still.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::fs::Permissions;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

const PATIENCE: Duration = Duration::from_secs(60);

/// The parent's children that have begun to watch over its end, for which they have a thread.
fn children(parent: &Child) -> Vec<Pid> {
    let id = parent.id();
    let list = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
    let list = list.unwrap();
    let watching = list.split_whitespace().filter(|id| threads(id) > 1);
    let ids = watching.map(|id| id.parse().unwrap());
    ids.filter_map(Pid::from_raw).collect()
}

/// One that was killed meanwhile has none.
fn threads(id: &str) -> usize {
    std::fs::read_dir(format!("/proc/{id}/task")).map_or(0, Iterator::count)
}

/// Kills the parent among its children, and waits until all of them are gone.
fn kill_the_parent(store: &str, folder: &Path) {
    let mut parent = Command::new(env!("CARGO_BIN_EXE_cqrs-torture"))
        .args([store, "--seconds", "30"])
        .env("TMPDIR", folder)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + PATIENCE;
    while children(&parent).len() < 3 {
        assert!(Instant::now() < deadline, "the parent starts no children");
        std::thread::yield_now();
    }
    for child in children(&parent) {
        let _ = kill_process(child, Signal::STOP);
    }
    parent.kill().unwrap();
    parent.wait().unwrap();

    // Every child has the parent's stderr: it ends when the last of them is gone.
    let mut output = parent.stderr.take().unwrap();
    let (ended, end) = channel();
    std::thread::spawn(move || ended.send(output.read_to_string(&mut String::new())));
    let end = end.recv_timeout(PATIENCE);
    assert!(end.is_ok(), "a child is still there");
}

#[test]
fn no_child_outlives_a_killed_parent() {
    let folder = tempfile::tempdir().unwrap();
    kill_the_parent("sqlite", folder.path());
}

#[test]
fn no_server_outlives_a_killed_parent() {
    let folder = tempfile::tempdir().unwrap();
    // The server is another account's where the tests are root's.
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    kill_the_parent("postgres", folder.path());
    let deadline = Instant::now() + PATIENCE;
    while std::fs::read_dir(folder.path()).unwrap().count() > 0 {
        assert!(Instant::now() < deadline, "a server left its folder");
        std::thread::yield_now();
    }
}
