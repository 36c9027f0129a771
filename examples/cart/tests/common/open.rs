//! The shop as a person opens it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// Longer than anything takes that is not broken.
const PATIENCE: Duration = Duration::from_secs(60);

/// The shop's program on a store.
pub(crate) fn cart_on(store: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cart"));
    command.env("CART_STORE", store);
    for name in [
        "RUST_LOG",
        "CART_LISTEN",
        "CART_MAIL_FOLDER",
        "CART_REQUESTS_PER_SECOND",
    ] {
        command.env_remove(name);
    }
    command
}

/// A shop in a process of its own, which ends with the test.
pub(crate) struct Open {
    process: Child,
    /// What it said before it was open.
    pub(crate) said: Vec<String>,
    pub(crate) address: String,
}

impl Open {
    pub(crate) fn with(mut command: Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut said = Vec::new();
        let address = loop {
            let line = lines.next().unwrap().unwrap();
            match line.strip_prefix("The shop is open at http://") {
                Some(rest) => break rest.split(' ').next().unwrap().to_owned(),
                None => said.push(line),
            }
        };
        Self {
            process,
            said,
            address,
        }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    pub(crate) fn get(&self, path: &str) -> String {
        let mut stream = self.connect();
        let host = &self.address;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Sends a signal and waits for the end.
    pub(crate) fn end(&mut self, signal: &str) -> ExitStatus {
        let id = self.process.id().to_string();
        let kill = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(kill.success());
        self.process.wait().unwrap()
    }
}

impl Open {
    /// As a machine does that loses its power: nothing is written or given back any more.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
