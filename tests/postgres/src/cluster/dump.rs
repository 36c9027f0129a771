//! A database from one server to another, by way of a dump.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::{Cluster, run_sql};

impl Cluster {
    /// Restores a dump of a database under the same name on another server, which has none such.
    ///
    /// # Errors
    ///
    /// What `pg_dump` or `psql` says.
    pub fn copy_database(&self, name: &str, to: &Cluster) -> Result<()> {
        run_sql(
            &to.programs,
            to.port,
            &format!("CREATE DATABASE {name} TEMPLATE template0"),
        )?;
        let mut dump = self
            .dump_command(name)
            .stdout(Stdio::piped())
            .spawn()
            .context("pg_dump cannot be started")?;
        let dumped = dump.stdout.take().context("pg_dump has no output")?;
        let restored = Command::new(to.programs.join("psql"))
            .args(["-X", "-q", "-h", "127.0.0.1", "-U", "postgres"])
            .args(["-v", "ON_ERROR_STOP=1", "-d", name, "-p"])
            .arg(to.port.to_string())
            .stdin(dumped)
            .stdout(Stdio::null())
            .output()
            .context("psql cannot be started")?;
        ensure!(dump.wait()?.success(), "pg_dump of {name} failed");
        let said = String::from_utf8_lossy(&restored.stderr);
        ensure!(restored.status.success(), "psql: {said}");
        Ok(())
    }

    /// Writes a database to a file of SQL.
    ///
    /// # Errors
    ///
    /// When `pg_dump` fails.
    pub fn dump_database(&self, name: &str, file: &Path) -> Result<()> {
        let dumped = self.dump_command(name).arg("-f").arg(file).status()?;
        ensure!(dumped.success(), "pg_dump of {name} failed");
        Ok(())
    }

    fn dump_command(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join("pg_dump"));
        command
            .args(["-h", "127.0.0.1", "-U", "postgres", "-d", name, "-p"])
            .arg(self.port.to_string())
            .stdin(Stdio::null());
        command
    }
}
