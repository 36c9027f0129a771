//! `cargo xtask browser`: the shop in a real Chromium, with what that needs.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command::{cargo, root, run};
use crate::requirements;

/// Which tests to run.
#[derive(clap::Args, Default)]
pub(crate) struct Arguments {
    /// As after `cargo test --`: a part of their names, `--nocapture`, …
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// Installs what is missing and runs the tests.
pub(crate) fn run_tests(arguments: &Arguments) -> Result<()> {
    requirements::install_browser()?;
    let axe = accessibility_checker()?;
    let mut command = cargo(["test", "--package", "cart", "--test", "browser", "--"]);
    command.args(&arguments.arguments).env("AXE_CORE", axe);
    run("shop in a browser", command)
}

/// `axe-core` in the target folder; npm checks it by the hash in the lock file that is kept here.
fn accessibility_checker() -> Result<PathBuf> {
    let wanted = root().join("examples/cart/tests/browser/axe-core");
    let folder = target_folder()?.join("axe-core");
    let script = folder.join("node_modules/axe-core/axe.min.js");
    let stamp = folder.join("installed.json");
    let lock = fs::read(wanted.join("package-lock.json"))?;
    if script.exists() && fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(script);
    }
    fs::create_dir_all(&folder)?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(wanted.join(name), folder.join(name))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&folder);
    run("axe-core", npm)?;
    // Last, so that what was broken off is done again.
    fs::write(stamp, lock)?;
    Ok(script)
}

fn target_folder() -> Result<PathBuf> {
    let output = cargo(["metadata", "--no-deps", "--format-version", "1"]).output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    let folder = metadata["target_directory"].as_str();
    Ok(Path::new(folder.context("cargo metadata: target_directory")?).to_owned())
}
