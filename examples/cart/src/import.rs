//! The importer: a retailer's invoices from a file through commands.
//!
//! - `file`: bytes to text, `record`: text to lines; a file is sound as a whole or refused
//! - `invoice`: which line is a sale, which goes into a credit note, which is refused and why
//! - `run`: the commands, many at a time, each recognised when it is sent again

mod error;
mod file;
mod invoice;
mod record;
mod run;

pub use self::error::{FileError, ImportError};
pub use self::file::{InvoiceFile, read, read_bytes};
pub use self::invoice::Invoice;
pub use self::record::InvoiceLine;
pub(crate) use self::run::is_of;
pub use self::run::{Imported, is_imported, run};
