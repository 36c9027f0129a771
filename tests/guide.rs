//! The guide: every page is listed, every link leads somewhere, every error is explained.

#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const ERRORS: &str = include_str!("../docs/guide/errors.md");

/// The enums whose variants a user meets.
const ENUMS: [(&str, &str); 14] = [
    ("cqrs-core/src/execute/error.rs", "ExecuteError"),
    ("cqrs-core/src/execute/error.rs", "LoadError"),
    ("cqrs-core/src/store/error.rs", "StoreError"),
    ("cqrs-core/src/store/append.rs", "AppendError"),
    ("cqrs-core/src/store/append/validate.rs", "InvalidAppend"),
    ("cqrs-core/src/store/copy.rs", "CopyLogError"),
    ("cqrs-core/src/app/error.rs", "OpenError"),
    ("cqrs-core/src/query/error.rs", "QueryError"),
    ("cqrs-core/src/projection/status.rs", "ProjectionState"),
    ("cqrs-core/src/projection/fold.rs", "FoldError"),
    ("cqrs-core/src/event.rs", "DecodeError"),
    ("cqrs-core/src/command/json.rs", "CommandJsonError"),
    ("cqrs-core/src/projection/rebuild/error.rs", "RebuildError"),
    (
        "cqrs-core/src/projection/dead_letter/error.rs",
        "DeadLetterError",
    ),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The pages, the index aside.
fn pages() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("docs/guide")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| !path.ends_with("README.md")).collect()
}

fn name(page: &Path) -> &str {
    page.file_stem().unwrap().to_str().unwrap()
}

/// What stands between two texts, each time.
fn between<'t>(text: &'t str, open: &str, close: &str) -> Vec<&'t str> {
    let parts = text.split(open).skip(1);
    parts
        .filter_map(|part| Some(part.split_once(close)?.0))
        .collect()
}

fn variants(path: &str, name: &str) -> Vec<String> {
    let source = read(path);
    let body = source.split(&format!("pub enum {name}")).nth(1).unwrap();
    let body = body.split("\n}").next().unwrap();
    let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
    let lines = lines.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
    let names = lines.map(|line| {
        line.chars()
            .take_while(|letter| letter.is_alphanumeric())
            .collect()
    });
    names.collect()
}

#[test]
fn every_page_is_listed_and_compiled() {
    let (index, links) = (read("docs/guide/README.md"), read("src/guide/links.md"));
    let modules = read("src/guide.rs");
    for page in pages() {
        let name = name(&page);
        assert!(index.contains(&format!("][{name}]: ")), "index: {name}");
        assert!(
            index.contains(&format!("\n[{name}]: {name}.md\n")),
            "index: {name}"
        );
        assert!(modules.contains(&format!("\"{name}\"")), "guide.rs: {name}");
        let module = name.replace('-', "_");
        let link = format!("[{name}]: crate::guide::{module}\n");
        assert!(links.contains(&link), "links.md: {name}");
    }
}

/// As links name them.
fn headings(text: &str) -> impl Iterator<Item = String> {
    let headings = text.lines().filter_map(|line| line.strip_prefix("## "));
    headings.map(|heading| heading.to_lowercase().replace(' ', "-"))
}

#[test]
fn every_link_leads_to_a_file() {
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let links = between(&text, "](", ")").into_iter();
        let definitions = text.lines().filter(|line| line.starts_with('['));
        let definitions = definitions.filter_map(|line| line.split_once("]: "));
        let targets = links.chain(definitions.map(|(_, target)| target));
        for target in targets.filter(|target| !target.starts_with("https://")) {
            if let Some(anchor) = target.strip_prefix('#') {
                let is_there = headings(&text).any(|heading| heading == anchor);
                assert!(is_there, "{}: {target}", page.display());
                continue;
            }
            let file = page.parent().unwrap().join(target);
            assert!(file.exists(), "{}: {target}", page.display());
        }
    }
}

#[test]
fn every_reference_is_defined_on_its_page() {
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let used: BTreeSet<_> = between(&text, "][", "]").into_iter().collect();
        for label in used {
            let definition = format!("\n[{label}]: ");
            assert!(text.contains(&definition), "{}: {label}", page.display());
        }
    }
}

/// The code alone, whatever its layout, its derives and what of it is public.
fn code(text: &str) -> String {
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| {
        let aside = ["//", "use ", "#[derive(", "#!["];
        !aside.iter().any(|begin| line.starts_with(begin))
    });
    let code = lines.collect::<Vec<_>>().join(" ").replace("pub ", "");
    let solid = code
        .chars()
        .filter(|sign| !sign.is_whitespace() && *sign != ',');
    solid.collect()
}

#[test]
fn the_first_page_shows_the_shop_that_the_others_use() {
    let page = read("docs/guide/your-first-application.md");
    let shown = between(&page, "```rust,no_run\n", "/// ⑧");
    assert_eq!(code(shown[0]), code(&read("tests/shop/src/lib.rs")));
}

#[test]
fn every_error_is_explained() {
    for (path, name) in ENUMS {
        let variants = variants(path, name);
        assert!(variants.len() > 1, "{name}: {variants:?}");
        for variant in variants {
            let named = [format!("`{variant}`"), format!("{name}::{variant}`")];
            let explained = named.iter().any(|text| ERRORS.contains(text));
            assert!(explained, "errors.md: {name}::{variant}");
        }
    }
}
