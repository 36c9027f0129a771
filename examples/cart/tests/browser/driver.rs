//! One chromedriver for all tests, on a port that it chooses; it goes when this process does.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use cart_load::Leash;
use serde_json::json;
use thirtyfour::extensions::query::ElementPollerWithTimeout;
use thirtyfour::prelude::*;
use thirtyfour::{ChromeCapabilities, LoggingPrefsLogLevel};

/// Longer than anything takes that is not broken.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is looked whether a condition holds.
pub(crate) const GLANCE: Duration = Duration::from_millis(30);

/// Whether pages may run scripts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scripts {
    Allowed,
    Blocked,
}

pub(crate) struct Driver {
    leash: Leash,
    address: String,
}

static DRIVER: LazyLock<Driver> = LazyLock::new(Driver::start);

impl Driver {
    /// The one of this process.
    pub(crate) fn get() -> &'static Self {
        &DRIVER
    }

    fn start() -> Self {
        // Profiles are made in the temporary folder.
        let leash = Leash::start(|folder| {
            let mut command = Command::new("chromedriver");
            command.arg("--port=0").env("TMPDIR", folder);
            command
        });
        let mut leash = leash.expect("a shell starts");
        let mut output = BufReader::new(leash.output().unwrap());
        let mut line = String::new();
        let port = loop {
            line.clear();
            let said = output.read_line(&mut line).unwrap();
            assert!(
                said > 0,
                "chromedriver does not start: `cargo xtask browser` installs it"
            );
            if let Some(rest) = line
                .trim_end()
                .strip_prefix("ChromeDriver was started successfully on port ")
            {
                break rest.trim_end_matches('.').to_owned();
            }
        };
        // A full pipe would stop it.
        std::thread::spawn(move || output.read_to_end(&mut Vec::new()));
        let address = format!("http://127.0.0.1:{port}");
        Self { leash, address }
    }

    /// A folder that goes with the driver.
    pub(crate) fn folder(&self) -> &Path {
        self.leash.folder()
    }

    /// A new browser with nothing in it: no cookie, no cache.
    pub(crate) async fn session(&self, scripts: Scripts) -> WebDriver {
        let session = WebDriver::new(&self.address, capabilities(scripts).unwrap()).await;
        let session = session.expect("Chromium starts");
        session.set_poller(Arc::new(ElementPollerWithTimeout::new(PATIENCE, GLANCE)));
        session
    }
}

fn capabilities(scripts: Scripts) -> WebDriverResult<ChromeCapabilities> {
    let mut wanted = ChromeCapabilities::new();
    for argument in [
        "--headless=new",
        "--disable-dev-shm-usage",
        // Its reporter would outlive it.
        "--disable-crash-reporter",
        "--window-size=1280,900",
    ] {
        wanted.add_arg(argument)?;
    }
    if rustix::process::geteuid().is_root() {
        wanted.add_arg("--no-sandbox")?;
    }
    if scripts == Scripts::Blocked {
        let blocked = json!({ "profile.managed_default_content_settings.javascript": 2 });
        wanted.add_experimental_option("prefs", blocked)?;
    }
    wanted.set_browser_log_level(LoggingPrefsLogLevel::All)?;
    Ok(wanted)
}
