//! `cargo xtask test`: everything that must hold, cheapest first.

use anyhow::Result;
use postgres_server::{Cluster, URL_VARIABLE};

use crate::command::{cargo, root, run};
use crate::{browser, features, requirements};

/// Runs every step; the first that fails ends it.
pub(crate) fn run_everything() -> Result<()> {
    requirements::install()?;
    run("format", cargo(["fmt", "--all", "--check"]))?;
    run(
        "lints",
        cargo([
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--all-features",
            "--",
            "--deny",
            "warnings",
        ]),
    )?;
    features::check_alone()?;
    documentation()?;
    tests()?;
    browser::run_tests(&browser::Arguments::default())?;
    bank_account()
}

/// One Postgres server serves all of them.
fn tests() -> Result<()> {
    let mut command = cargo(["test", "--workspace", "--all-features"]);
    let is_given = std::env::var_os(URL_VARIABLE).is_some();
    let server = (!is_given).then(Cluster::start).transpose()?;
    if let Some(server) = &server {
        command.env(URL_VARIABLE, server.url());
    }
    run("tests", command)
}

fn documentation() -> Result<()> {
    let mut command = cargo([
        "doc",
        "--quiet",
        "--workspace",
        "--no-deps",
        "--all-features",
    ]);
    command.env("RUSTDOCFLAGS", "--deny warnings");
    run("documentation", command)
}

/// The example runs twice, since the second time its account is there already.
fn bank_account() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let manifest = root().join("Cargo.toml");
    for time in ["first", "second"] {
        let mut command = cargo([
            "run",
            "--quiet",
            "--example",
            "bank_account",
            "--manifest-path",
        ]);
        command.arg(&manifest).current_dir(folder.path());
        run(&format!("example bank_account, {time} time"), command)?;
    }
    Ok(())
}
