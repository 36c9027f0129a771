//! Files that are sound, and every way in which one is not.

#![allow(clippy::unwrap_used)]

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::super::FileError;
use super::{InvoiceFile, parse, text};

const HEADER: &str =
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";
const LINE: &str = "536365,85123A,LANTERN,6,2010-12-01 08:26:00,2.55,17850,France\n";

fn check(bytes: &[u8]) -> Result<InvoiceFile, FileError> {
    parse("invoices.csv", &text(bytes.to_vec())?)
}

fn refused(bytes: &[u8]) -> String {
    check(bytes).unwrap_err().to_string()
}

/// The good line with one column replaced.
fn with(column: usize, value: &str) -> String {
    let mut cells: Vec<_> = LINE.trim_end().split(',').collect();
    cells[column] = value;
    format!("{HEADER}{LINE}{}\n", cells.join(","))
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn lines_are_gathered_by_invoice_in_order_of_appearance() {
    let other = LINE.replace("536365", "C536366");
    let file = check(format!("{HEADER}{LINE}{other}{LINE}").as_bytes()).unwrap();
    assert_eq!(file.lines, 3);
    let numbers: Vec<_> = file
        .invoices
        .iter()
        .map(|invoice| invoice.number.as_str())
        .collect();
    assert_eq!(numbers, ["536365", "C536366"]);
    let lines: Vec<_> = file.invoices[0]
        .lines
        .iter()
        .map(|line| line.number)
        .collect();
    assert_eq!(lines, [2, 4]);
}

#[test]
fn a_compressed_file_and_a_plain_one_are_the_same() {
    let plain = format!("{HEADER}{LINE}");
    assert_eq!(
        check(&gzip(&plain)).unwrap(),
        check(plain.as_bytes()).unwrap()
    );
}

#[test]
fn columns_may_stand_in_any_order_and_after_a_byte_order_mark() {
    let text = "\u{feff}Country,InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID\r\n\
                France,536365,85123A,\"LANTERN, WHITE \",6,2010-12-01 08:26:00,2.550,,\r\n";
    let text = text.replace(",,\r", ",\r");
    let file = check(text.as_bytes()).unwrap();
    let line = &file.invoices[0].lines[0];
    assert_eq!(
        (line.country.as_str(), line.name.as_str()),
        ("France", "LANTERN, WHITE")
    );
    assert_eq!(
        (line.price.to_string().as_str(), &line.customer),
        ("2.55", &None)
    );
}

#[test]
fn a_truncated_compressed_file_is_refused_with_its_last_line() {
    let many: String = (0..5_000)
        .map(|number| LINE.replace("85123A", &number.to_string()))
        .collect();
    let bytes = gzip(&format!("{HEADER}{many}"));
    let error = refused(&bytes[..bytes.len() / 2]);
    assert!(error.contains("the compressed file ends here"), "{error}");
    let line: u64 = error["line ".len()..error.find(':').unwrap()]
        .parse()
        .unwrap();
    assert!((100..4_900).contains(&line), "{error}");
    assert!(refused(&bytes[..bytes.len() - 4]).contains("ends here"));
}

#[test]
fn a_damaged_compressed_file_is_refused() {
    let mut bytes = gzip(&format!("{HEADER}{LINE}"));
    let last = bytes.len() - 6;
    bytes[last] ^= 0xff;
    assert!(
        refused(&bytes).contains("is damaged"),
        "{}",
        refused(&bytes)
    );
}

#[test]
fn a_plain_file_that_is_cut_off_is_refused_wherever_the_cut_is() {
    let whole = format!("{HEADER}{LINE}{LINE}");
    let begin = whole.len() - LINE.len();
    for end in begin + 1..whole.len() {
        let error = refused(&whole.as_bytes()[..end]);
        assert!(error.starts_with("line 3: "), "{error}");
    }
}

#[test]
fn what_is_no_text_is_refused_with_its_line() {
    let mut bytes = format!("{HEADER}{LINE}").into_bytes();
    bytes.extend_from_slice(&LINE.replace("LANTERN", "GIFT £40").into_bytes());
    let pound = bytes.iter().position(|byte| *byte == 0xc2).unwrap();
    bytes.remove(pound);
    assert_eq!(
        refused(&bytes),
        "line 3: this is not UTF-8; save the file as `CSV UTF-8` and import that"
    );
}

#[test]
fn an_empty_file_is_refused() {
    assert!(refused(b"").starts_with("line 1: the file is empty"));
    assert!(refused(b"\n\n").starts_with("line 1: the file is empty"));
    assert!(refused(&gzip("")).starts_with("line 1: the file is empty"));
    assert!(refused(HEADER.as_bytes()).starts_with("line 2: there is no invoice"));
}

#[test]
fn columns_that_are_missing_or_unknown_are_named() {
    let missing = HEADER.replace(",UnitPrice", "");
    assert!(refused(missing.as_bytes()).starts_with("line 1: the column `UnitPrice` is missing"));
    let semicolons = HEADER.replace(',', ";");
    assert!(refused(semicolons.as_bytes()).contains("`InvoiceNo` is missing"));
    for extra in ["Discount", "Country"] {
        let text = HEADER.replace('\n', &format!(",{extra}\n"));
        let expected = format!("line 1: the column `{extra}` is not known or stands there twice");
        assert!(refused(text.as_bytes()).starts_with(&expected));
    }
}

#[test]
fn a_line_with_another_number_of_columns_is_refused() {
    let short = format!("{HEADER}{LINE}536366,85123A\n");
    assert!(
        refused(short.as_bytes()).starts_with("line 3: 2 columns where the first line names 8")
    );
    let long = with(2, "LANTERN, WHITE");
    assert!(refused(long.as_bytes()).starts_with("line 3: 9 columns"));
}

#[test]
fn a_cell_that_cannot_be_understood_is_refused_with_line_and_column() {
    let cases = [
        (0, "", "`` in column InvoiceNo is empty"),
        (1, " ", "`` in column StockCode is empty"),
        (
            2,
            "\"A\nB\"",
            "`A\\nB` in column Description is not plain text",
        ),
        (2, "A\0B", "`A\\0B` in column Description is not plain text"),
        (3, "6.5", "`6.5` in column Quantity is not a whole number"),
        (3, "", "`` in column Quantity is not a whole number"),
        (3, "1000001", "is not a whole number between"),
        (
            4,
            "01/12/2010 08:26",
            "in column InvoiceDate is not a date; write it like",
        ),
        (4, "2010-02-30 08:26:00", "is not a date"),
        (
            5,
            "2.5.5",
            "`2.5.5` in column UnitPrice is not a price; write it like 2.55",
        ),
        (5, "1.2345", "is not a price with at most three decimals"),
        (5, "1000000.001", "is not a price between"),
        (5, "NaN", "is not a price"),
        (7, "", "`` in column Country is empty"),
    ];
    for (column, value, expected) in cases {
        let error = refused(with(column, value).as_bytes());
        assert!(
            error.starts_with("line 3: ") && error.contains(expected),
            "{error}"
        );
    }
    let error = refused(with(2, &"x".repeat(501)).as_bytes());
    assert!(
        error.contains("xxx…` in column Description is too long"),
        "{error}"
    );
}

#[test]
fn an_invoice_that_no_event_can_hold_is_refused_before_anything_is_stored() {
    let text = format!("{HEADER}{}", LINE.repeat(4_000));
    assert!(refused(text.as_bytes()).starts_with("line 2: invoice `536365` is too long"));
}
