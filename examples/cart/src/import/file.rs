//! From a file to its invoices: all of it is read and checked before the first one is imported.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::record::{InvoiceLine, Lines};
use super::{FileError, Invoice};

/// A file that is sound from its first line to its last.
#[derive(Debug, Clone, PartialEq)]
pub struct InvoiceFile {
    /// The file's name, without its folder.
    pub name: String,
    /// The invoices, in the order of their first lines.
    pub invoices: Vec<Invoice>,
    /// How many lines they have.
    pub lines: u64,
}

/// Reads and checks a CSV file, plain or compressed with gzip.
///
/// # Errors
///
/// [`FileError`] for the first thing that is wrong with it.
pub fn read(path: &Path) -> Result<InvoiceFile, FileError> {
    let mut bytes = Vec::new();
    File::open(path)?.read_to_end(&mut bytes)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    read_bytes(&name, bytes)
}

/// The same for a file that is in memory already.
///
/// # Errors
///
/// [`FileError`] for the first thing that is wrong with it.
pub fn read_bytes(name: &str, bytes: Vec<u8>) -> Result<InvoiceFile, FileError> {
    parse(name, &text(bytes)?)
}

fn parse(name: &str, text: &str) -> Result<InvoiceFile, FileError> {
    let mut places = HashMap::new();
    let mut invoices: Vec<Invoice> = Vec::new();
    let mut lines = 0;
    for line in Lines::new(text)? {
        let (number, line) = line?;
        lines += 1;
        match places.get(&number) {
            Some(&place) => push(&mut invoices, place, line),
            None => {
                places.insert(number.clone(), invoices.len());
                let lines = vec![line];
                invoices.push(Invoice { number, lines });
            }
        }
    }
    if invoices.is_empty() {
        return Err(FileError::NoLines);
    }
    invoices.iter().try_for_each(Invoice::check_size)?;
    let name = name.to_owned();
    Ok(InvoiceFile {
        name,
        invoices,
        lines,
    })
}

fn push(invoices: &mut [Invoice], place: usize, line: InvoiceLine) {
    if let Some(invoice) = invoices.get_mut(place) {
        invoice.lines.push(line);
    }
}

const GZIP: [u8; 2] = [0x1f, 0x8b];

fn text(bytes: Vec<u8>) -> Result<String, FileError> {
    let compressed = bytes.starts_with(&GZIP);
    let bytes = if compressed { inflate(&bytes)? } else { bytes };
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = last_line(error.as_bytes().get(..valid).unwrap_or_default());
        FileError::Encoding { line }
    })?;
    if text.trim().is_empty() {
        return Err(FileError::Empty);
    }
    // A compressed file carries its length and a checksum; a plain one only this.
    if !compressed && !text.ends_with('\n') {
        let line = last_line(text.as_bytes());
        return Err(FileError::NoLineEnd { line });
    }
    Ok(text)
}

fn inflate(compressed: &[u8]) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::with_capacity(compressed.len().saturating_mul(10));
    let outcome = MultiGzDecoder::new(compressed).read_to_end(&mut bytes);
    outcome.map_err(|source| {
        let line = last_line(&bytes);
        match source.kind() {
            io::ErrorKind::UnexpectedEof => FileError::Truncated { line },
            _ => FileError::Damaged { line, source },
        }
    })?;
    Ok(bytes)
}

/// The number of the line in which these bytes end.
fn last_line(bytes: &[u8]) -> u64 {
    let breaks = bytes.iter().filter(|byte| **byte == b'\n').count();
    breaks as u64 + 1
}

#[cfg(test)]
mod tests;
