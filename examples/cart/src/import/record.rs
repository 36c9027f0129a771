//! From the text of a file to its lines, each cell checked.

use chrono::NaiveDateTime;
use csv::{StringRecord, StringRecordsIntoIter};
use rust_decimal::Decimal;

use super::FileError;

/// The columns of a file, in any order.
pub(super) const COLUMNS: [&str; 8] = [
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
];

/// A text longer than this is a missing quotation mark rather than a name.
const MAX_TEXT_BYTES: usize = 500;

/// Beyond this a quantity or a price is a misprint, and sums could overflow the views' columns.
const MAX_NUMBER: i32 = 1_000_000;

/// How many decimals a price may have: what the views keep.
const PRICE_DECIMALS: u32 = 3;

/// A line of an invoice, as the file has it.
#[derive(Debug, Clone, PartialEq)]
pub struct InvoiceLine {
    /// Its number in the file.
    pub number: u64,
    /// The stock code.
    pub product: String,
    /// The description; may be empty.
    pub name: String,
    /// The quantity.
    pub units: i32,
    /// The date, without a time zone.
    pub date: NaiveDateTime,
    /// The price of one unit.
    pub price: Decimal,
    /// The customer, where one is named.
    pub customer: Option<String>,
    /// The country.
    pub country: String,
}

/// The lines of a file, each with the number of its invoice.
pub(super) struct Lines<'text> {
    records: StringRecordsIntoIter<&'text [u8]>,
    /// Where in a record each of `COLUMNS` stands.
    places: [usize; COLUMNS.len()],
}

impl<'text> Lines<'text> {
    pub(super) fn new(text: &'text str) -> Result<Self, FileError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // Unequal lines are reported here rather than by the reader, in words for a person.
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(text.as_bytes());
        let header = reader
            .headers()
            .map_err(|source| FileError::Csv { line: 1, source })?;
        let places = places(header)?;
        let records = reader.into_records();
        Ok(Self { records, places })
    }

    fn line(&self, record: &StringRecord) -> Result<(String, InvoiceLine), FileError> {
        let number = record.position().map_or(0, csv::Position::line);
        if record.len() != COLUMNS.len() {
            return Err(FileError::ColumnCount {
                line: number,
                found: record.len(),
                expected: COLUMNS.len(),
            });
        }
        let cell = |column: usize| Cell {
            line: number,
            column: COLUMNS[column],
            text: record.get(self.places[column]).unwrap_or_default().trim(),
        };
        let line = InvoiceLine {
            number,
            product: cell(1).required()?,
            name: cell(2).text()?,
            units: cell(3).quantity()?,
            date: cell(4).date()?,
            price: cell(5).price()?,
            customer: Some(cell(6).text()?).filter(|customer| !customer.is_empty()),
            country: cell(7).required()?,
        };
        Ok((cell(0).required()?, line))
    }
}

impl Iterator for Lines<'_> {
    type Item = Result<(String, InvoiceLine), FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(match self.records.next()? {
            Ok(record) => self.line(&record),
            Err(source) => {
                let line = source.position().map_or(0, csv::Position::line);
                Err(FileError::Csv { line, source })
            }
        })
    }
}

fn places(header: &StringRecord) -> Result<[usize; COLUMNS.len()], FileError> {
    let mut places = [0; COLUMNS.len()];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let found = header.iter().position(|name| name.trim() == column);
        *place = found.ok_or(FileError::MissingColumn { column })?;
    }
    let extra = header
        .iter()
        .enumerate()
        .find(|(place, _)| !places.contains(place));
    match extra {
        Some((_, column)) => Err(FileError::ExtraColumn {
            column: column.to_owned(),
        }),
        None => Ok(places),
    }
}

/// One cell, and where it stands.
struct Cell<'text> {
    line: u64,
    column: &'static str,
    text: &'text str,
}

impl Cell<'_> {
    fn text(&self) -> Result<String, FileError> {
        if self.text.len() > MAX_TEXT_BYTES {
            return self.refuse("too long; is a quotation mark missing?");
        }
        if self.text.contains(char::is_control) {
            return self.refuse("not plain text: it holds a line break or another control character; is a quotation mark missing?");
        }
        Ok(self.text.to_owned())
    }

    fn required(&self) -> Result<String, FileError> {
        match self.text.is_empty() {
            true => self.refuse("empty; fill it in or take the line out"),
            false => self.text(),
        }
    }

    fn quantity(&self) -> Result<i32, FileError> {
        match self.text.parse() {
            Ok(units) if (-MAX_NUMBER..=MAX_NUMBER).contains(&units) => Ok(units),
            _ => self.refuse("not a whole number between -1000000 and 1000000"),
        }
    }

    fn price(&self) -> Result<Decimal, FileError> {
        match Decimal::from_str_exact(self.text).map(|price| price.normalize()) {
            Ok(price) if price.abs() > Decimal::from(MAX_NUMBER) => {
                self.refuse("not a price between -1000000 and 1000000")
            }
            Ok(price) if price.scale() > PRICE_DECIMALS => {
                self.refuse("not a price with at most three decimals")
            }
            Ok(price) => Ok(price),
            Err(_) => self.refuse("not a price; write it like 2.55"),
        }
    }

    fn date(&self) -> Result<NaiveDateTime, FileError> {
        let date = NaiveDateTime::parse_from_str(self.text, "%Y-%m-%d %H:%M:%S");
        date.or_else(|_| self.refuse("not a date; write it like 2010-12-01 08:26:00"))
    }

    fn refuse<T>(&self, reason: &'static str) -> Result<T, FileError> {
        let mut value: String = self.text.escape_debug().take(60).collect();
        if value.len() < self.text.len() {
            value.push('…');
        }
        Err(FileError::Cell {
            line: self.line,
            column: self.column,
            value,
            reason,
        })
    }
}
