//! Nothing that the tests start outlives them, not even when they are killed.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::browser::Browser;
use crate::driver::{Driver, GLANCE, PATIENCE};
use crate::shop::stocked;

const READY: &str = "all is open: ";

#[ignore = "started, and killed, by the test below"]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn hold_a_shop_and_a_browser_open() {
    let shop = stocked();
    let _ada = Browser::at(&shop).await;
    let (shop_store, driver) = (shop.store(), Driver::get().folder());
    println!(
        "{READY}{} {} {}",
        shop.address(),
        shop_store.display(),
        driver.display()
    );
    std::future::pending::<()>().await;
}

/// Whether a process has this folder among its arguments.
fn is_used(folder: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap();
    processes.flatten().any(|process| {
        let arguments = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&arguments).contains(folder)
    })
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(GLANCE);
    }
}

#[test]
fn neither_shop_nor_browser_outlives_killed_tests() {
    let mut tests = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "orphans::hold_a_shop_and_a_browser_open",
            "--ignored",
            "--nocapture",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(tests.stdout.take().unwrap()).lines();
    let ready = lines
        .map_while(Result::ok)
        .find_map(|line| Some(line.split_once(READY)?.1.to_owned()));
    let ready = ready.expect("they open");
    let [shop, store, driver] = ready.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{ready}");
    };
    let shop = shop.trim_start_matches("http://");
    assert!(is_used(driver) && TcpStream::connect(shop).is_ok());

    tests.kill().unwrap();
    tests.wait().unwrap();
    wait_until("a browser is still there", || !is_used(driver));
    wait_until("the shop is still open", || {
        TcpStream::connect(shop).is_err()
    });
    wait_until("a folder is still there", || {
        !Path::new(store).exists() && !Path::new(driver).exists()
    });
}
