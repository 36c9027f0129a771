//! The server itself, and what ends it.

mod account;
mod crash;
mod dump;

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::process::Pid;
use tempfile::TempDir;

pub(crate) use self::account::{Account, as_account};
use crate::{LOCKED_ROLE, PASSWORD};

/// Runs the server until its standard input ends, which the system sees to when the process that holds
/// the other end is gone, however it went.
const GUARD: &str = include_str!("guard.sh");

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const ATTEMPTS: u32 = 5;

/// The first version that can bring all its files to the disk at once.
const SYNCS_AT_ONCE: u32 = 14;

/// A running server. Dropped, or with the end of its process, it is stopped and its folder removed.
#[derive(Debug)]
pub struct Cluster {
    url: String,
    port: u16,
    programs: PathBuf,
    folder: PathBuf,
    guard: Child,
    starts: u32,
    /// The server that was killed last: its file of state stays until the next one writes its own.
    killed: Option<Pid>,
}

impl Cluster {
    /// Starts a server of its own.
    ///
    /// # Errors
    ///
    /// When Postgres is not installed, or what its log says.
    pub fn start() -> Result<Self> {
        let programs = programs()?;
        let mut attempt = 1;
        loop {
            match Self::start_once(&programs) {
                // Another process may have taken the port that was free a moment ago.
                Err(error) if attempt < ATTEMPTS => {
                    eprintln!("Postgres did not start, trying again: {error:#}");
                    attempt += 1;
                }
                started => return started,
            }
        }
    }

    /// Starts a server that speaks TLS by this certificate and its key, both as PEM.
    ///
    /// # Errors
    ///
    /// When Postgres is not installed, or what its log says.
    pub fn start_with_tls(certificate: &str, key: &str) -> Result<Self> {
        let programs = programs()?;
        let account = Account::for_server()?;
        let mut cluster = Self::guarded(&programs, account.as_ref())?;
        initialise(&programs, &cluster.folder, account.as_ref())?;
        let mut settings = "ssl = on\n".to_owned();
        for (name, content) in [("ssl_cert_file", certificate), ("ssl_key_file", key)] {
            let file = cluster.folder.join(name);
            secret_file(&file, content, account.as_ref())?;
            settings += &format!("{name} = '{}'\n", file.display());
        }
        add_settings(&cluster.folder, &settings)?;
        cluster.serve()?;
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    /// Starts a read-only replica of this server.
    ///
    /// # Errors
    ///
    /// What the replica's log says.
    pub fn replica(&self) -> Result<Self> {
        let account = Account::for_server()?;
        let mut cluster = Self::guarded(&self.programs, account.as_ref())?;
        copy(&self.programs, self.port, &cluster.folder, account.as_ref())?;
        cluster.serve()?;
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    /// `postgres://…`, for the superuser.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where the server's files are, and anything else that shall go with it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn start_once(programs: &Path) -> Result<Self> {
        let account = Account::for_server()?;
        let mut cluster = Self::guarded(programs, account.as_ref())?;
        initialise(programs, &cluster.folder, account.as_ref())?;
        cluster.serve()?;
        cluster.wait_until_ready()?;
        let role = format!("CREATE ROLE {LOCKED_ROLE} LOGIN PASSWORD '{PASSWORD}'");
        run_sql(programs, cluster.port, &role)?;
        Ok(cluster)
    }

    /// An empty folder, already with the guard that will remove it.
    fn guarded(programs: &Path, account: Option<&Account>) -> Result<Self> {
        let (port, folder) = (free_port()?, folder_for(account)?);
        let mut command = as_account("sh", account);
        command
            .arg("-c")
            .arg(GUARD)
            .arg("guard")
            .arg(programs)
            .arg(folder.path())
            .arg(port.to_string())
            // A key press that ends the tests must not end the guard.
            .process_group(0)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let guard = command.spawn().context("sh cannot be started")?;
        Ok(Self {
            url: format!("postgres://postgres@127.0.0.1:{port}/postgres"),
            port,
            programs: programs.to_owned(),
            folder: folder.keep(),
            guard,
            starts: 0,
            killed: None,
        })
    }

    /// Lets the guard start the server.
    fn serve(&mut self) -> Result<()> {
        self.starts += 1;
        let orders = self
            .guard
            .stdin
            .as_mut()
            .context("the guard has no input")?;
        writeln!(orders, "{}", self.starts).context("the server's guard has ended")
    }

    /// Waits until the server takes connections.
    ///
    /// # Errors
    ///
    /// What the server's log says, when it ended or takes too long.
    pub fn wait_until_ready(&self) -> Result<()> {
        let begun = Instant::now();
        while !self.is_ready() {
            let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            let ended = self.folder.join(format!("ended.{}", self.starts));
            let is_over = ended.exists() || begun.elapsed() > PATIENCE;
            ensure!(!is_over, "the server did not become ready: {log}");
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Whether the server takes connections, as it says itself.
    pub fn is_ready(&self) -> bool {
        let state = self.state();
        let is_ready = |line: &str| matches!(line.trim(), "ready" | "standby");
        self.killed
            .is_none_or(|killed| server_of(&state) != Some(killed))
            && state.lines().any(is_ready)
    }

    fn state(&self) -> String {
        fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap_or_default()
    }
}

fn server_of(state: &str) -> Option<Pid> {
    Pid::from_raw(state.lines().next()?.trim().parse().ok()?)
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // Nothing can be done about a guard that is gone already.
        let _ = self.guard.wait();
    }
}

/// A file that the server alone may read, as it asks of its key.
fn secret_file(path: &Path, content: &str, account: Option<&Account>) -> Result<()> {
    fs::write(path, content)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    if let Some(account) = account {
        chown(path, Some(account.user), Some(account.group))?;
    }
    Ok(())
}

/// Free a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

pub(crate) fn folder_for(account: Option<&Account>) -> Result<TempDir> {
    let folder = tempfile::Builder::new()
        .prefix("cqrs-postgres-")
        .tempdir()?;
    if let Some(account) = account {
        chown(folder.path(), Some(account.user), Some(account.group))?;
    }
    Ok(folder)
}

/// The folder of the newest installed `postgres`.
pub(crate) fn programs() -> Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let folders = versions.filter_map(|version| Some(version.ok()?.path().join("bin")));
    let mut found: Vec<_> = folders
        .filter(|folder| folder.join("initdb").exists())
        .collect();
    found.sort_by_key(|folder| version(folder));
    found.pop().with_context(|| {
        format!(
            "Postgres is not installed (Debian's package is `postgresql`); install it, or set {} to a server",
            crate::URL_VARIABLE
        )
    })
}

fn version(programs: &Path) -> u32 {
    let folder = programs.parent().and_then(Path::file_name);
    let version = folder.and_then(|name| name.to_str()?.parse().ok());
    version.unwrap_or(0)
}

fn initialise(programs: &Path, folder: &Path, account: Option<&Account>) -> Result<()> {
    let initdb = programs.join("initdb");
    let initdb = initdb.to_str().context("the path of initdb is no text")?;
    let output = as_account(initdb, account)
        .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"])
        .args(["--no-instructions", "--no-sync", "-D"])
        .arg(folder.join("data"))
        .current_dir("/")
        .output()
        .context("initdb cannot be started")?;
    ensure!(
        output.status.success(),
        "initdb: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    if version(programs) >= SYNCS_AT_ONCE {
        // File by file, the recovery of a new server takes seconds.
        add_settings(folder, "recovery_init_sync_method = syncfs\n")?;
    }
    let rules = folder.join("data/pg_hba.conf");
    let trusted = fs::read_to_string(&rules)?;
    fs::write(
        &rules,
        format!("host all {LOCKED_ROLE} 127.0.0.1/32 scram-sha-256\n{trusted}"),
    )?;
    Ok(())
}

fn add_settings(folder: &Path, settings: &str) -> Result<()> {
    let file = folder.join("data/postgresql.conf");
    let mut file = fs::OpenOptions::new().append(true).open(file)?;
    Ok(file.write_all(settings.as_bytes())?)
}

/// What a replica begins with.
fn copy(programs: &Path, port: u16, folder: &Path, account: Option<&Account>) -> Result<()> {
    let program = programs.join("pg_basebackup");
    let program = program.to_str().context("its path is no text")?;
    let output = as_account(program, account)
        .args(["-h", "127.0.0.1", "-U", "postgres", "-p"])
        .arg(port.to_string())
        .args(["-R", "-c", "fast", "--no-sync", "-D"])
        .arg(folder.join("data"))
        .current_dir("/")
        .output()
        .context("pg_basebackup cannot be started")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "pg_basebackup: {said}");
    Ok(())
}

fn run_sql(programs: &Path, port: u16, sql: &str) -> Result<()> {
    let output = Command::new(programs.join("psql"))
        .args([
            "-X",
            "-q",
            "-h",
            "127.0.0.1",
            "-U",
            "postgres",
            "-d",
            "postgres",
            "-p",
        ])
        .arg(port.to_string())
        .args(["-c", sql])
        .output()
        .context("psql cannot be started")?;
    ensure!(
        output.status.success(),
        "psql: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
