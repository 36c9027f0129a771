//! What can be wrong with a file: always where, and what to do about it.

use std::error::Error;
use std::io;

use thiserror::Error;

use super::record::COLUMNS;

/// Why a file is not imported. Nothing of it is stored.
#[derive(Error, Debug)]
#[non_exhaustive]
pub enum FileError {
    /// It cannot be read.
    #[error("it cannot be read; check its name and its permissions")]
    Unreadable(#[from] io::Error),
    /// The compressed data ends too early.
    #[error("line {line}: the compressed file ends here, in the middle; copy or download it again")]
    Truncated {
        /// The line that is cut.
        line: u64,
    },
    /// The compressed data makes no sense.
    #[error("line {line}: the compressed file is damaged from here on; copy or download it again")]
    Damaged {
        /// The first line that cannot be read.
        line: u64,
        /// What the decompressor says.
        source: io::Error,
    },
    /// A byte sequence that is no text.
    #[error("line {line}: this is not UTF-8; save the file as `CSV UTF-8` and import that")]
    Encoding {
        /// The line.
        line: u64,
    },
    /// There is nothing in it.
    #[error("line 1: the file is empty; it should begin with the column names {}", COLUMNS.join(","))]
    Empty,
    /// There is nothing below the column names.
    #[error("line 2: there is no invoice below the column names; is this the right file?")]
    NoLines,
    /// A column is missing.
    #[error("line 1: the column `{column}` is missing; the columns are {}, separated by commas", COLUMNS.join(","))]
    MissingColumn {
        /// Its name.
        column: &'static str,
    },
    /// A column that nobody asked for, so what is in it would vanish.
    #[error("line 1: the column `{column}` is not known or stands there twice; take it out")]
    ExtraColumn {
        /// Its name.
        column: String,
    },
    /// A line with too few or too many columns.
    #[error(
        "line {line}: {found} columns where the first line names {expected}; is the file cut off here, or a comma not in quotation marks?"
    )]
    ColumnCount {
        /// The line.
        line: u64,
        /// How many columns it has.
        found: usize,
        /// How many it should have.
        expected: usize,
    },
    /// A cell that cannot be understood.
    #[error("line {line}: `{value}` in column {column} is {reason}")]
    Cell {
        /// The line.
        line: u64,
        /// The column.
        column: &'static str,
        /// What it holds, shortened.
        value: String,
        /// What is wrong, and what was expected.
        reason: &'static str,
    },
    /// The last line of a plain file has no end, the only sign of a cut in its last column.
    #[error(
        "line {line}: the last line has no line break, so the file may be cut off; copy it again, or add the line break if it is whole"
    )]
    NoLineEnd {
        /// The last line.
        line: u64,
    },
    /// An invoice that is too long for one event.
    #[error("line {line}: invoice `{invoice}` is too long to be stored; split it into several")]
    InvoiceTooLong {
        /// Its first line.
        line: u64,
        /// Its number.
        invoice: String,
    },
    /// What the CSV reader does not understand.
    #[error("line {line}: this is not CSV")]
    Csv {
        /// The line.
        line: u64,
        /// What the reader says.
        source: csv::Error,
    },
}

/// Why an import ended early. What was imported before stays, and the same file can be sent again.
#[derive(Error, Debug)]
#[error(
    "invoice `{invoice}` could not be stored; those before it are, and the same import goes on from here"
)]
pub struct ImportError {
    /// The invoice.
    pub invoice: String,
    /// What happened.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}
