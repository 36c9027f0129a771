//! PgBouncer before the server: Debian's own, which lends a session for one transaction at a time.

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::str::FromStr;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use sqlx::postgres::PgConnectOptions;

use crate::Database;
use crate::cluster::{ATTEMPTS, Account, PATIENCE, as_account, folder_for, free_port};
use crate::database::server_url;

/// Runs the program until its standard input ends, as the server's guard does.
const GUARD: &str = include_str!("pooler.sh");

/// Few, so that the statements of one client come to several.
const SESSIONS: u32 = 3;

/// A running pooler. Dropped, or with the end of its process, it is stopped and its folder removed.
#[derive(Debug)]
pub struct Pooler {
    port: u16,
    guard: Child,
}

/// What the pooler does with what a connection is opened with and no session can keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Startup {
    /// It refuses the connection, as it does unless it is told otherwise.
    Refused,
    /// It opens the connection without.
    Dropped,
}

impl Pooler {
    /// A pooler before the server of the databases.
    ///
    /// # Errors
    ///
    /// When it is not installed, or what its log says.
    pub fn start(startup: Startup) -> Result<Self> {
        let mut attempt = 1;
        loop {
            match Self::start_once(startup) {
                // Another process may have taken the port that was free a moment ago.
                Err(error) if attempt < ATTEMPTS => {
                    eprintln!("PgBouncer did not start, trying again: {error:#}");
                    attempt += 1;
                }
                started => return started,
            }
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// A database's address by way of the pooler, without the option that says so.
    pub fn plain_url(&self, database: &Database) -> String {
        let (address, name) = (self.address(), database.name());
        format!("postgres://pooled@{address}/{name}?sslmode=disable")
    }

    /// A database's address by way of the pooler.
    pub fn url(&self, database: &Database) -> String {
        format!("{}&cqrs_pooler=transaction", self.plain_url(database))
    }

    fn start_once(startup: Startup) -> Result<Self> {
        let account = Account::for_server()?;
        let folder = folder_for(account.as_ref())?;
        let port = free_port()?;
        let path = folder.path().join("pgbouncer.ini");
        fs::File::create(&path)?.write_all(settings(folder.path(), port, startup)?.as_bytes())?;
        // The guard removes it.
        let folder = folder.keep();
        let mut command = as_account("sh", account.as_ref());
        command
            .arg("-c")
            .arg(GUARD)
            .arg("guard")
            .arg(&folder)
            // A key press that ends the tests must not end the guard.
            .process_group(0)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let guard = command.spawn().context("sh cannot be started")?;
        let pooler = Self { port, guard };
        pooler.wait_until_ready(&folder)?;
        Ok(pooler)
    }

    fn wait_until_ready(&self, folder: &Path) -> Result<()> {
        let begun = Instant::now();
        while TcpStream::connect(self.address()).is_err() {
            let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
            let is_over = folder.join("ended").exists() || begun.elapsed() > PATIENCE;
            ensure!(
                !is_over,
                "PgBouncer (Debian's package is `pgbouncer`) did not become ready: {log}"
            );
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // Nothing can be done about a guard that is gone already.
        let _ = self.guard.wait();
    }
}

fn settings(folder: &Path, port: u16, startup: Startup) -> Result<String> {
    let url = server_url()?;
    let server = PgConnectOptions::from_str(&url)?;
    let (host, server_port, user) = (server.get_host(), server.get_port(), server.get_username());
    let password = password(&url)?;
    let folder = folder.display();
    let ignored = match startup {
        Startup::Refused => "",
        Startup::Dropped => "extra_float_digits,options",
    };
    // Round robin: otherwise a lone client gets the session that it had before.
    Ok(format!(
        "[databases]
* = host={host} port={server_port} user={user}{password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {SESSIONS}
server_round_robin = 1
server_idle_timeout = 5
ignore_startup_parameters = {ignored}
logfile = {folder}/log
pidfile = {folder}/pid
"
    ))
}

fn password(url: &str) -> Result<String> {
    let authority = url.split_once("://").map_or("", |(_, rest)| rest);
    let Some((user, _)) = authority.split_once('@') else {
        return Ok(String::new());
    };
    match user.split_once(':') {
        None => Ok(String::new()),
        Some((_, password)) if password.contains(['%', '\'', ' ']) => {
            bail!("the server's password cannot be written into the pooler's file as it is")
        }
        Some((_, password)) => Ok(format!(" password={password}")),
    }
}
