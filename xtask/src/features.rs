//! Every feature of every library builds alone, without a warning.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command::{cargo, run};

/// Checks each library without features and with each of its features alone.
pub(crate) fn check_alone() -> Result<()> {
    for (package, features) in libraries()? {
        check(&package, None)?;
        for feature in features {
            check(&package, Some(&feature))?;
        }
    }
    Ok(())
}

fn check(package: &str, feature: Option<&str>) -> Result<()> {
    let mut command = cargo([
        "clippy",
        "--quiet",
        "--package",
        package,
        "--no-default-features",
    ]);
    if let Some(feature) = feature {
        command.args(["--features", feature]);
    }
    command.args(["--", "--deny", "warnings"]);
    run(
        &format!("{package} with {}", feature.unwrap_or("no feature")),
        command,
    )
}

/// The libraries that are published, with their features.
fn libraries() -> Result<Vec<(String, Vec<String>)>> {
    let output = cargo(["metadata", "--no-deps", "--format-version", "1"]).output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo metadata: packages")?;
    let published = packages
        .iter()
        .filter(|package| package["publish"].is_null());
    Ok(published
        .map(|package| (text(&package["name"]), features(package)))
        .collect())
}

fn features(package: &Value) -> Vec<String> {
    let features = package["features"].as_object();
    let names = features.into_iter().flat_map(|features| features.keys());
    names.filter(|name| *name != "default").cloned().collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
