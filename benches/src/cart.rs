//! The shop under load, and each of its pages by itself: the release binary, over HTTP on this machine.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cart_load::load::{CHECK_OUT, Load, Outcome};
use cart_load::pages::{self, Pages};
use cart_load::{OpenShop, import};
use comfy_table::{Cell, CellAlignment, Table, presets};
use serde_json::{Value, json};

use crate::report::short;

const VISITORS: usize = 50;

/// The goods and orders that both are measured with.
struct Data {
    /// Said in the report.
    name: &'static str,
    file: PathBuf,
}

/// Measures, checks and reports.
///
/// # Errors
///
/// On any error of any visitor, on an order that is lost or there twice, and on a page that is too large
/// or too slow; the figures are printed first.
pub(crate) async fn measure(is_quick: bool, json: Option<&Path>) -> Result<()> {
    let program = program()?;
    let data = data();
    let folder = tempfile::tempdir()?;
    let store = folder.path().join("cart.db");
    eprintln!("importing {}", data.name);
    import(&program, &data.file, &store)?;

    let pages = {
        let shop = OpenShop::open(&program, Some(&store))?;
        pages::measure(&shop, if is_quick { 20 } else { 100 }).await?
    };
    let load = Load {
        visitors: VISITORS,
        time: Duration::from_secs(if is_quick { 5 } else { 30 }),
    };
    let shop = OpenShop::open(&program, Some(&store))?;
    let outcome = cart_load::load::run(&shop, load).await?;
    drop(shop);

    print(data.name, load, &pages, &outcome);
    if let Some(path) = json {
        let text = serde_json::to_string_pretty(&figures(data.name, load, &pages, &outcome))?;
        std::fs::write(path, text + "\n").with_context(|| path.display().to_string())?;
    }
    pages.check()
}

/// Built beside this one by `cargo xtask bench cart`.
fn program() -> Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name("cart");
    let told = "is not there; `cargo xtask bench cart` builds it";
    ensure!(program.exists(), "{} {told}", program.display());
    Ok(program)
}

/// Half a year of real invoices where they are at hand: `shared/data` beside a folder that this one is in.
fn data() -> Data {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = here
        .ancestors()
        .map(|folder| folder.join("../shared/data/online-retail-train.csv.gz"));
    match files.find(|file| file.exists()) {
        Some(file) => Data {
            name: "the full data set",
            file,
        },
        None => {
            eprintln!(
                "THE FULL DATA SET IS NOT THERE (../shared/data/online-retail-train.csv.gz): \
                 these are the figures of a small extract, and say little about large pages."
            );
            Data {
                name: "a small extract",
                file: here.join("../examples/cart/data/online-retail-extract.csv.gz"),
            }
        }
    }
}

fn print(data: &str, load: Load, pages: &Pages, outcome: &Outcome) {
    println!("Each page by itself, with {data}: milliseconds over HTTP, and bytes\n");
    let mut table = table(&["page", "p50", "p99", "bytes"]);
    for (name, size) in &pages.sizes {
        let [middle, slow] = [0.5, 0.99].map(|share| pages.times.milliseconds(name, share));
        row(
            &mut table,
            &[name, &short(middle), &short(slow), &size.to_string()],
        );
    }
    println!("{table}\n");

    let (visitors, seconds) = (load.visitors, outcome.elapsed.as_secs_f64());
    println!("{visitors} visitors without a pause for {seconds:.0} s: milliseconds\n");
    let mut table = self::table(&["what", "times", "p50", "p99"]);
    for name in outcome.times.names() {
        let [middle, slow] = [0.5, 0.99].map(|share| outcome.times.milliseconds(name, share));
        let times = outcome.times.number(name).to_string();
        row(&mut table, &[name, &times, &short(middle), &short(slow)]);
    }
    println!("{table}\n");
    println!(
        "{:.0} requests/s; {} orders, each of them there once; the sales agree.",
        outcome.requests_per_second(),
        outcome.orders
    );
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(header.iter().copied());
    table
}

fn row(table: &mut Table, cells: &[&str]) {
    let cells = cells.iter().enumerate().map(|(place, text)| {
        let alignment = match place {
            0 => CellAlignment::Left,
            _ => CellAlignment::Right,
        };
        Cell::new(text).set_alignment(alignment)
    });
    table.add_row(cells);
}

fn figures(data: &str, load: Load, pages: &Pages, outcome: &Outcome) -> Value {
    let pages = pages.sizes.iter().map(|(name, size)| {
        let [p50, p99] = [0.5, 0.99].map(|share| pages.times.milliseconds(name, share));
        json!({ "page": name, "p50_ms": p50, "p99_ms": p99, "bytes": size })
    });
    let times = outcome.times.names().map(|name| {
        let [p50, p99] = [0.5, 0.99].map(|share| outcome.times.milliseconds(name, share));
        json!({ "what": name, "times": outcome.times.number(name), "p50_ms": p50, "p99_ms": p99 })
    });
    json!({
        "data": data,
        "pages": pages.collect::<Vec<_>>(),
        "load": {
            "visitors": load.visitors,
            "seconds": outcome.elapsed.as_secs_f64(),
            "requests_per_second": outcome.requests_per_second(),
            "orders": outcome.orders,
            "checkout_p50_ms": outcome.times.milliseconds(CHECK_OUT, 0.5),
            "checkout_p99_ms": outcome.times.milliseconds(CHECK_OUT, 0.99),
            "times": times.collect::<Vec<_>>(),
        },
    })
}
