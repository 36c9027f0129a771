//! The server goes with the process that started it, however that one ends.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use postgres_server::Cluster;

const ROLE: &str = "POSTGRES_SERVER_TEST_ROLE";

fn address(url: &str) -> SocketAddr {
    let host = url.split('@').nth(1).unwrap().split('/').next().unwrap();
    host.parse().unwrap()
}

fn is_there(address: SocketAddr) -> bool {
    TcpStream::connect(address).is_ok()
}

fn wait_until_gone(address: SocketAddr) {
    while is_there(address) {
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Not a test by itself: what the next one kills.
#[test]
fn starts_a_server_and_waits() {
    if std::env::var(ROLE).is_err() {
        return;
    }
    let cluster = Cluster::start().unwrap();
    println!("\nserver {}", cluster.url());
    // Until it is killed, or whoever would kill it is gone.
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

#[test]
fn a_killed_process_leaves_no_server() {
    let mut starter = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "starts_a_server_and_waits", "--nocapture"])
        .env(ROLE, "starter")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(starter.stdout.take().unwrap()).lines();
    let url = lines.find_map(|line| Some(line.ok()?.strip_prefix("server ")?.to_owned()));
    let address = address(&url.unwrap());
    assert!(is_there(address));
    starter.kill().unwrap();
    starter.wait().unwrap();
    wait_until_gone(address);
}

#[test]
fn a_dropped_server_is_gone() {
    let cluster = Cluster::start().unwrap();
    let address = address(cluster.url());
    assert!(is_there(address));
    drop(cluster);
    assert!(!is_there(address));
}
