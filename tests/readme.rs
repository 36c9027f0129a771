//! The first thing a stranger reads: it must be short, and the same as what runs.

#![allow(missing_docs, clippy::unwrap_used)]

const EXAMPLE: &str = include_str!("../examples/bank_account.rs");
const README: &str = include_str!("../README.md");

fn code(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim_end);
    lines
        .filter(|line| !line.is_empty() && !line.trim_start().starts_with("//"))
        .collect()
}

#[test]
fn the_readme_shows_the_example_that_runs() {
    let block = README
        .split("```rust,no_run\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    assert_eq!(code(block), code(EXAMPLE));
}

#[test]
fn the_bank_account_stays_short() {
    let (domain, main) = EXAMPLE.split_once("#[tokio::main]").unwrap();
    let wiring = main
        .lines()
        .filter(|line| line.contains("App::open"))
        .count();
    let count = |text| {
        code(text)
            .iter()
            .filter(|line| !line.starts_with("use "))
            .count()
    };
    let (before_view, view) = domain.split_once("#[derive(Projection").unwrap();
    let without_view = count(before_view) + wiring;
    assert!(without_view <= 45, "{without_view} lines without the view");
    let whole = without_view + count(view);
    assert!(whole <= 60, "{whole} lines");
}
