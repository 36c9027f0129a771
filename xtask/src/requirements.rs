//! What the tests need from the machine: installed on Debian, named elsewhere.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::command::run;

/// A program, the Debian package that holds it, and the rustup component that does.
struct Requirement {
    name: &'static str,
    probe: &'static [&'static str],
    source: Source,
}

enum Source {
    Debian(&'static str),
    Rustup(&'static str),
}

const REQUIREMENTS: [Requirement; 5] = [
    // SQLite is compiled from its sources.
    Requirement {
        name: "cc",
        probe: &["cc", "--version"],
        source: Source::Debian("gcc"),
    },
    // The tests start a server of their own, unless `DATABASE_URL` names one.
    Requirement {
        name: "Postgres",
        probe: &[
            "sh",
            "-c",
            "test -n \"$DATABASE_URL\" || ls /usr/lib/postgresql/*/bin/initdb",
        ],
        source: Source::Debian("postgresql"),
    },
    // The tests start one of their own before the server.
    Requirement {
        name: "PgBouncer",
        probe: &["sh", "-c", "PATH=\"$PATH:/usr/sbin\" pgbouncer --version"],
        source: Source::Debian("pgbouncer"),
    },
    Requirement {
        name: "cargo clippy",
        probe: &["cargo", "clippy", "--version"],
        source: Source::Rustup("clippy"),
    },
    Requirement {
        name: "cargo fmt",
        probe: &["cargo", "fmt", "--version"],
        source: Source::Rustup("rustfmt"),
    },
];

/// What the tests in a browser need.
const BROWSER: [Requirement; 3] = [
    Requirement {
        name: "chromium",
        probe: &["chromium", "--version"],
        source: Source::Debian("chromium"),
    },
    Requirement {
        name: "chromedriver",
        probe: &["chromedriver", "--version"],
        source: Source::Debian("chromium-driver"),
    },
    // Fetches the accessibility checker.
    Requirement {
        name: "npm",
        probe: &["npm", "--version"],
        source: Source::Debian("npm"),
    },
];

/// Installs what is missing.
pub(crate) fn install() -> Result<()> {
    install_all(&REQUIREMENTS)
}

/// Installs what is missing for the tests in a browser.
pub(crate) fn install_browser() -> Result<()> {
    install_all(&BROWSER)
}

fn install_all(requirements: &[Requirement]) -> Result<()> {
    for requirement in requirements {
        if !answers(requirement.probe) {
            requirement.install()?;
        }
    }
    Ok(())
}

impl Requirement {
    fn install(&self) -> Result<()> {
        let needed = self.name;
        let mut command = match self.source {
            Source::Rustup(component) => {
                let mut rustup = Command::new("rustup");
                rustup.args(["component", "add", component]);
                rustup
            }
            Source::Debian(package) if answers(&["apt-get", "--version"]) => {
                let mut apt = Command::new("sh");
                let sudo = if answers(&["sudo", "-n", "true"]) {
                    "sudo "
                } else {
                    ""
                };
                apt.arg("-c").arg(format!(
                    "{sudo}apt-get update -q && {sudo}apt-get install -y -q --no-install-recommends {package}"
                ));
                apt
            }
            Source::Debian(package) => {
                bail!("`{needed}` is missing: install it (Debian's package is `{package}`)")
            }
        };
        command.stdin(Stdio::null());
        run(&format!("install {needed}"), command)
    }
}

fn answers(probe: &[&str]) -> bool {
    let mut command = Command::new(probe[0]);
    command
        .args(&probe[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
