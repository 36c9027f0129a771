//! The shop as a person opens it: one command, a port, and an end in good order.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output};

use common::Folder;
use common::open::{Open, cart_on};

fn cart(folder: &Folder) -> Command {
    cart_on(&folder.url())
}

fn open(folder: &Folder, arguments: &[&str]) -> Open {
    let mut command = cart(folder);
    command.args(arguments).args(["--listen", "127.0.0.1:0"]);
    Open::with(command)
}

#[test]
fn an_empty_store_is_stocked_once_and_served() {
    let folder = Folder::new();
    let mut first = open(&folder, &[]);
    let [said] = &first.said[..] else {
        panic!("{:?}", first.said)
    };
    assert!(said.starts_with("The store was empty, so it was stocked with 248 real invoices"));
    let page = first.get("/");
    assert!(page.starts_with("HTTP/1.1 200 OK"), "{page}");
    assert!(page.contains("Add to cart"), "{page}");
    assert!(first.get("/readyz").ends_with("ready\n"));
    assert!(first.end("-TERM").success());

    let mut again = open(&folder, &["serve"]);
    assert!(again.said.is_empty(), "{:?}", again.said);
    assert!(again.get("/?q=heart").contains("<mark>"));
    assert!(again.end("-INT").success());

    let report = cart(&folder).args(["report", "--json"]).output().unwrap();
    let figures: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(figures["invoices"], 218);
    let verified = cart(&folder).args(["verify", "--json"]).output().unwrap();
    assert!(verified.status.success());
}

#[test]
fn a_store_with_something_else_in_it_is_left_alone() {
    let folder = Folder::new();
    let file = folder.invoices("own.csv", &["1,A,1,1"]);
    let imported = cart(&folder).arg("import").arg(file).output().unwrap();
    assert!(imported.status.success());
    let shop = open(&folder, &[]);
    assert!(shop.said.is_empty(), "{:?}", shop.said);
    let page = shop.get("/");
    assert_eq!(page.matches("class=\"card\"").count(), 1);
}

#[test]
fn a_live_stream_does_not_hold_up_the_end() {
    let folder = Folder::new();
    let mut shop = open(&folder, &[]);
    let mut stream = shop.connect();
    let host = &shop.address;
    write!(stream, "GET /sales/live HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    while !line.starts_with("data: ") {
        line.clear();
        assert!(
            reader.read_line(&mut line).unwrap() > 0,
            "the stream begins"
        );
    }
    let idle = shop.connect();
    assert!(shop.end("-INT").success());
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest).unwrap();
    assert!(rest.ends_with(b"0\r\n\r\n"), "the stream ends as it should");
    drop(idle);
}

/// One line on the terminal and nothing else.
fn one_line(output: &Output) -> String {
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(output.stdout.is_empty(), "{output:?}");
    text
}

#[test]
fn an_address_that_is_none_or_taken_is_one_clear_line() {
    let folder = Folder::new();
    for bad in [
        "nonsense",
        "127.0.0.1",
        "127.0.0.1:99999",
        "",
        "http://127.0.0.1:3000",
    ] {
        let output = cart(&folder).args(["--listen", bad]).output().unwrap();
        let line = one_line(&output);
        let expected = format!("error: `{bad}` is no address to listen on; write one with a port");
        assert!(line.starts_with(&expected), "{line}");
    }
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = cart(&folder)
        .args(["serve", "--listen", &address])
        .output()
        .unwrap();
    let line = one_line(&output);
    assert!(
        line.starts_with(&format!("error: `{address}` cannot be listened on")),
        "{line}"
    );
    assert!(line.contains("in use"), "{line}");
    // Nothing was made meanwhile.
    assert!(!folder.path("cart.db").exists());
}

#[test]
fn a_store_that_cannot_be_used_is_one_clear_line() {
    let folder = Folder::new();
    let file = folder.path("cart.db");
    std::fs::write(
        &file,
        "this is no database, and long enough to be read as one".repeat(20),
    )
    .unwrap();
    let output = cart(&folder)
        .args(["--listen", "127.0.0.1:0"])
        .output()
        .unwrap();
    let line = one_line(&output);
    assert!(line.contains("cannot be opened"), "{line}");
    let mut command = cart(&folder);
    command.args(["--listen", "127.0.0.1:0", "--store", "mysql:shop"]);
    let line = one_line(&command.output().unwrap());
    assert!(
        line.contains("the store `mysql:shop` cannot be opened"),
        "{line}"
    );
}

#[test]
fn the_help_says_what_there_is() {
    let folder = Folder::new();
    let output = cart(&folder).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for word in [
        "serve",
        "import",
        "report",
        "verify",
        "rebuild",
        "--listen",
        "--store",
        "--mail-folder",
    ] {
        assert!(help.contains(word), "{help}");
    }
}
