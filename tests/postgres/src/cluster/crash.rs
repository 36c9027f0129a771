//! A crash: the server and its processes are killed at once, then it is started and recovers.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

use super::{Cluster, server_of};

impl Cluster {
    /// Kills the server with all its processes, and lets it start again; it recovers while the caller
    /// goes on.
    ///
    /// # Errors
    ///
    /// When there is no server to kill.
    pub fn crash(&mut self) -> Result<()> {
        self.kill()?;
        self.serve()
    }

    /// Kills the server with all its processes.
    ///
    /// # Errors
    ///
    /// When there is no server to kill.
    pub fn kill(&mut self) -> Result<()> {
        let server = server_of(&self.state()).context("the server does not run")?;
        // One that stands still has no new children.
        kill_process(server, Signal::STOP)?;
        let children = children(server);
        kill_process(server, Signal::KILL)?;
        for child in &children {
            // It may have ended by itself.
            let _ = kill_process(*child, Signal::KILL);
        }
        // The new server does not start beside a process that still has the old one's memory.
        while children.iter().copied().any(is_alive) {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.killed = Some(server);
        Ok(())
    }

    /// Starts the server that was killed, on the same port, and waits until it has recovered.
    ///
    /// # Errors
    ///
    /// What its log says.
    pub fn start_again(&mut self) -> Result<()> {
        self.serve()?;
        self.wait_until_ready()
    }
}

fn children(server: Pid) -> Vec<Pid> {
    let list = fs::read_to_string(format!("/proc/{server}/task/{server}/children"));
    let list = list.unwrap_or_default();
    let ids = list.split_whitespace().filter_map(|id| id.parse().ok());
    ids.filter_map(Pid::from_raw).collect()
}

/// One that has ended and was not waited for has no memory any more.
fn is_alive(process: Pid) -> bool {
    let state = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = state
        .rsplit(") ")
        .next()
        .and_then(|rest| rest.chars().next());
    state.is_some_and(|state| !matches!(state, 'Z' | 'X'))
}
