//! Server and pooler go with the process that started them, however that one ends.

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
    println!("\nstarted {}", address(cluster.url()));
    #[cfg(feature = "client")]
    let pooler = postgres_server::Pooler::start(postgres_server::Startup::Refused).unwrap();
    #[cfg(feature = "client")]
    println!("started {}", pooler.address());
    println!("ready");
    // Until it is killed, or whoever would kill it is gone.
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

#[test]
fn a_killed_process_leaves_nothing() {
    let mut starter = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "starts_a_server_and_waits", "--nocapture"])
        .env(ROLE, "starter")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(starter.stdout.take().unwrap()).lines();
    let lines = lines
        .map_while(Result::ok)
        .take_while(|line| line != "ready");
    let started = lines.filter_map(|line| line.strip_prefix("started ")?.parse().ok());
    let started: Vec<SocketAddr> = started.collect();
    assert!(!started.is_empty() && started.iter().copied().all(is_there));
    starter.kill().unwrap();
    starter.wait().unwrap();
    started.into_iter().for_each(wait_until_gone);
}

#[test]
fn a_dropped_server_is_gone() {
    let cluster = Cluster::start().unwrap();
    let address = address(cluster.url());
    assert!(is_there(address));
    drop(cluster);
    assert!(!is_there(address));
}

#[cfg(feature = "client")]
#[test]
fn a_dropped_pooler_is_gone() {
    let pooler = postgres_server::Pooler::start(postgres_server::Startup::Refused).unwrap();
    let address = pooler.address();
    assert!(is_there(address));
    drop(pooler);
    assert!(!is_there(address));
}
