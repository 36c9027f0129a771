//! The server itself, and what ends it.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::{LOCKED_ROLE, PASSWORD};

/// Runs the server until its standard input ends, which the system sees to when the process that holds
/// the other end is gone, however it went.
const GUARD: &str = include_str!("guard.sh");

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const ATTEMPTS: u32 = 5;

/// A running server. Dropped, or with the end of its process, it is stopped and its folder removed.
#[derive(Debug)]
pub struct Cluster {
    url: String,
    port: u16,
    folder: PathBuf,
    guard: Child,
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
        let folder = folder_for(account.as_ref())?;
        initialise(&programs, folder.path(), account.as_ref())?;
        let mut settings = vec!["-c".to_owned(), "ssl=on".to_owned()];
        for (name, content) in [("ssl_cert_file", certificate), ("ssl_key_file", key)] {
            let file = folder.path().join(name);
            secret_file(&file, content, account.as_ref())?;
            settings.push("-c".to_owned());
            settings.push(format!("{name}={}", file.display()));
        }
        Self::serve(&programs, folder, account.as_ref(), &settings)
    }

    /// Starts a read-only replica of this server.
    ///
    /// # Errors
    ///
    /// What the replica's log says.
    pub fn replica(&self) -> Result<Self> {
        let programs = programs()?;
        let account = Account::for_server()?;
        let folder = folder_for(account.as_ref())?;
        copy(&programs, self.port, folder.path(), account.as_ref())?;
        Self::serve(&programs, folder, account.as_ref(), &[])
    }

    /// Ends the server as a crash would, without a checkpoint.
    ///
    /// # Errors
    ///
    /// When its guard is gone.
    pub fn stop(&mut self) -> Result<()> {
        self.order("stop")?;
        wait_until(&self.folder, "stop", |folder| folder.join("ended").exists())
    }

    /// Starts the server that was stopped, on the same port.
    ///
    /// # Errors
    ///
    /// What its log says.
    pub fn start_again(&mut self) -> Result<()> {
        self.order("start")?;
        wait_until(&self.folder, "start", |folder| {
            !folder.join("ended").exists()
        })?;
        wait_until_ready(&self.folder)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// `postgres://…`, for the superuser.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn start_once(programs: &Path) -> Result<Self> {
        let account = Account::for_server()?;
        let folder = folder_for(account.as_ref())?;
        initialise(programs, folder.path(), account.as_ref())?;
        let cluster = Self::serve(programs, folder, account.as_ref(), &[])?;
        let role = format!("CREATE ROLE {LOCKED_ROLE} LOGIN PASSWORD '{PASSWORD}'");
        run_sql(programs, cluster.port, &role)?;
        Ok(cluster)
    }

    fn serve(
        programs: &Path,
        folder: TempDir,
        account: Option<&Account>,
        settings: &[String],
    ) -> Result<Self> {
        let port = free_port()?;
        // The guard removes it.
        let folder = folder.keep();
        let mut command = as_account("sh", account);
        command
            .arg("-c")
            .arg(GUARD)
            .arg("guard")
            .arg(programs)
            .arg(&folder)
            .arg(port.to_string())
            .args(settings)
            // A key press that ends the tests must not end the guard.
            .process_group(0)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let guard = command.spawn().context("sh cannot be started")?;
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        let cluster = Self {
            url,
            port,
            folder,
            guard,
        };
        wait_until_ready(&cluster.folder)?;
        Ok(cluster)
    }

    fn order(&mut self, order: &str) -> Result<()> {
        let input = self.guard.stdin.as_mut().context("the guard is gone")?;
        writeln!(input, "{order}")?;
        Ok(input.flush()?)
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

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // Nothing can be done about a guard that is gone already.
        let _ = self.guard.wait();
    }
}

/// Postgres refuses to run as root.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

impl Account {
    /// `None` where the process's own account will do.
    pub(crate) fn for_server() -> Result<Option<Self>> {
        if id(&["-u"])? != 0 {
            return Ok(None);
        }
        for name in ["postgres", "nobody"] {
            if let (Ok(user), Ok(group)) = (id(&["-u", name]), id(&["-g", name])) {
                return Ok(Some(Self { user, group }));
            }
        }
        bail!("Postgres does not run as root, and there is neither `postgres` nor `nobody`")
    }
}

fn id(arguments: &[&str]) -> Result<u32> {
    let output = Command::new("id").args(arguments).output()?;
    ensure!(output.status.success(), "id {arguments:?} failed");
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

pub(crate) fn as_account(program: &str, account: Option<&Account>) -> Command {
    let Some(account) = account else {
        return Command::new(program);
    };
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={}", account.user))
        .arg(format!("--regid={}", account.group))
        .arg("--clear-groups")
        .arg("--")
        .arg(program);
    command
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
    let rules = folder.join("data/pg_hba.conf");
    let trusted = fs::read_to_string(&rules)?;
    fs::write(
        &rules,
        format!("host all {LOCKED_ROLE} 127.0.0.1/32 scram-sha-256\n{trusted}"),
    )?;
    Ok(())
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

fn wait_until(folder: &Path, what: &str, done: impl Fn(&Path) -> bool) -> Result<()> {
    let begun = Instant::now();
    while !done(folder) {
        ensure!(begun.elapsed() < PATIENCE, "the server does not {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

fn wait_until_ready(folder: &Path) -> Result<()> {
    let begun = Instant::now();
    loop {
        let status = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
        let is_ready = |line: &str| matches!(line.trim(), "ready" | "standby");
        if status.lines().any(is_ready) {
            return Ok(());
        }
        let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
        let is_over = folder.join("ended").exists() || begun.elapsed() > PATIENCE;
        ensure!(!is_over, "the server did not become ready: {log}");
        std::thread::sleep(Duration::from_millis(10));
    }
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
