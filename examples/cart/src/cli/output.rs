//! What is written: figures for people and for programs, and the progress meanwhile.

use std::io::{self, Write};

use cart::refusal::Reason;
use cart::report::Figures;
pub(super) use cart::text::count;
use cart::text::grouped;
use indicatif::{ProgressBar, ProgressStyle};
use rust_decimal::Decimal;
use serde::Serialize;

/// The figures as one line of JSON, amounts with three decimals.
#[derive(Serialize)]
pub(super) struct FiguresLine {
    lines: u64,
    refused_lines: u64,
    invoices: u64,
    revenue: String,
    cancellations: u64,
    cancelled: String,
    products: u64,
    top_product: Option<String>,
    best_day: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) events_appended: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seconds: Option<f64>,
}

impl From<&Figures> for FiguresLine {
    fn from(figures: &Figures) -> Self {
        let top_product = figures.top_product.as_ref();
        let best_day = figures.best_day.as_ref();
        Self {
            lines: figures.lines,
            refused_lines: figures.refused_lines,
            invoices: figures.invoices,
            revenue: amount(figures.revenue),
            cancellations: figures.cancellations,
            cancelled: amount(figures.cancelled),
            products: figures.products,
            top_product: top_product.map(|product| product.code.to_string()),
            best_day: best_day.map(|day| day.day.to_string()),
            events_appended: None,
            seconds: None,
        }
    }
}

/// Prints one line of JSON.
pub(super) fn json(line: &impl Serialize) -> anyhow::Result<()> {
    print(&serde_json::to_string(line)?)
}

/// Prints a text; a reader that has gone away is an error and no panic.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{text}")?;
    Ok(output.flush()?)
}

/// The figures for people.
pub(super) fn report(figures: &Figures) -> String {
    let mut table = Table::default();
    table.row("lines", count(figures.lines), "");
    table.row("refused lines", count(figures.refused_lines), "");
    for refused in &figures.refused {
        table.note(&format!("{} {}", count(refused.lines), refused.reason));
        let changed = refused.reason == Reason::InvoiceChanged;
        for line in figures.changed.iter().filter(|_| changed) {
            let (invoice, file, line) = (&line.invoice, &line.file, line.line);
            table.note(&format!("  as invoice {invoice} in {file}, line {line}"));
        }
    }
    let (revenue, cancelled) = (worth(figures.revenue), worth(figures.cancelled));
    table.row("invoices", count(figures.invoices), &revenue);
    table.row("cancellations", count(figures.cancellations), &cancelled);
    table.row("products", count(figures.products), "");
    if let Some(top) = &figures.top_product {
        let sold = format!("{}, {} units", top.name, count(top.units_sold));
        table.row("top product", top.code.to_string(), &sold);
    }
    if let Some(best) = &figures.best_day {
        table.row("best day", best.day.to_string(), &worth(best.revenue));
    }
    table.lines.join("\n")
}

#[derive(Default)]
struct Table {
    lines: Vec<String>,
}

impl Table {
    fn row(&mut self, name: &str, figure: String, note: &str) {
        let line = format!("{name:<14}{figure:>12}  {note}");
        self.lines.push(line.trim_end().to_owned());
    }

    fn note(&mut self, note: &str) {
        self.row("", String::new(), note);
    }
}

/// An amount with three decimals.
pub(super) fn amount(amount: Decimal) -> String {
    format!("{amount:.3}")
}

/// An amount with three decimals and a comma at every thousand.
fn worth(money: Decimal) -> String {
    let amount = amount(money.abs());
    let (whole, decimals) = amount.split_once('.').unwrap_or((&amount, ""));
    let sign = if money.is_sign_negative() { "-" } else { "" };
    format!("worth {sign}{}.{decimals}", grouped(whole))
}

/// A progress bar on a terminal; nothing where standard error is none.
pub(super) fn progress(total: u64, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(total).with_message(what);
    let template = "{msg:<22} {wide_bar} {human_pos} of {human_len}  {eta}";
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_well() {
        assert_eq!(amount(Decimal::new(-3_578_989, 1)), "-357898.900");
        assert_eq!(worth(Decimal::new(-3_578_989, 1)), "worth -357,898.900");
    }
}
