//! What the derives cost a build: a crate with many types, beside the same types with serde's alone.

mod source;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::bench::{Bench, build_folder};
use crate::row::{Goal, Row};

const CLEAN: crate::row::Path = crate::row::Path {
    name: "derives, clean build of the crate",
    unit: "seconds",
    goal: Goal::None,
};

const INCREMENTAL: crate::row::Path = crate::row::Path {
    name: "derives, build after a change",
    unit: "seconds",
    goal: Goal::None,
};

/// A crate that is built again and again; its dependencies are built once, before.
struct Project {
    name: &'static str,
    folder: PathBuf,
}

/// Seconds of one build of each crate, in turn.
pub(crate) fn measure(bench: &Bench, passes: usize) -> Result<Vec<Row>> {
    let ours = Project::write(bench, "ours", &source::ours())?;
    let raw = Project::write(bench, "raw", &source::raw())?;
    for project in [&ours, &raw] {
        project.build()?;
    }
    let (mut clean, mut incremental) = (Vec::new(), Vec::new());
    for pass in 1..=passes {
        clean.push((ours.clean_build()?, raw.clean_build()?));
        incremental.push((
            ours.build_after_change(pass)?,
            raw.build_after_change(pass)?,
        ));
    }
    Ok(vec![row(CLEAN, clean), row(INCREMENTAL, incremental)])
}

fn row(path: crate::row::Path, passes: Vec<(f64, f64)>) -> Row {
    let mut row = Row::middle(path, passes);
    row.note = Some("50 events, 50 commands, 10 projections".to_owned());
    row
}

impl Project {
    fn write(bench: &Bench, name: &'static str, source: &str) -> Result<Self> {
        let folder = bench.folder().join(name);
        std::fs::create_dir_all(folder.join("src"))?;
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        let root = root.context("the benchmark program has lost its workspace")?;
        std::fs::write(folder.join("Cargo.toml"), source::manifest(name, root))?;
        // The versions of the workspace, so that nothing is fetched.
        std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        std::fs::write(folder.join("src/lib.rs"), source)?;
        Ok(Self { name, folder })
    }

    fn clean_build(&self) -> Result<f64> {
        self.cargo(&["clean", "--package", self.name])?;
        self.build()
    }

    fn build_after_change(&self, pass: usize) -> Result<f64> {
        let path = self.folder.join("src/lib.rs");
        let mut source = std::fs::read_to_string(&path)?;
        source.push_str(&format!("\npub fn change_{pass}() -> usize {{ {pass} }}\n"));
        std::fs::write(path, source)?;
        self.build()
    }

    fn build(&self) -> Result<f64> {
        let started = Instant::now();
        self.cargo(&["build"])?;
        Ok(started.elapsed().as_secs_f64())
    }

    fn cargo(&self, arguments: &[&str]) -> Result<()> {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(arguments).current_dir(&self.folder);
        cargo.env("CARGO_TARGET_DIR", build_folder()?.join("bench-derives"));
        let output = cargo.stdin(Stdio::null()).output().context("cargo")?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "the crate `{}`: {complaint}",
            self.name
        );
        Ok(())
    }
}
