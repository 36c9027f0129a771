//! The command line: what can be asked for, and how errors are told.

mod copy;
mod import;
mod output;
mod rebuild;
mod report;
mod serve;
mod store;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use self::serve::ServeOptions;

/// A shop on `cqrs` and one SQLite file.
///
/// Without a command it opens the shop at http://127.0.0.1:3000, as `serve` does.
#[derive(Parser, Debug)]
#[command(version, args_conflicts_with_subcommands = true, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeOptions,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Open the shop as a web application; an empty store is stocked with a few real invoices.
    Serve(ServeOptions),
    /// Import the invoices of a CSV file, plain or compressed with gzip.
    ///
    /// The file is checked as a whole first. Importing it again appends nothing, and goes on where
    /// an import was interrupted.
    Import {
        /// The file, with the columns InvoiceNo, StockCode, Description, Quantity, InvoiceDate,
        /// UnitPrice, CustomerID and Country.
        file: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// Tell the figures of what was imported before.
    Report(Common),
    /// Fold the whole log again in memory and compare it with every row of every view.
    ///
    /// Ends with an error when a row is missing, too many or different.
    Verify(Common),
    /// Build a view anew, beside its rows, which answer until the new ones take their place.
    Rebuild {
        /// The view's name, for example `orders`; a name that there is not lists them all.
        view: String,
        #[command(flatten)]
        common: Common,
    },
    /// Copy the whole log of another store into this one, to move from SQLite to Postgres or back.
    ///
    /// What was copied before is passed over, so running it again goes on. Stop the shop first, or
    /// run it once more when the shop has been stopped.
    Copy {
        /// The store to copy, for example `sqlite:shop.db`.
        from: String,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Args, Debug)]
struct StoreOption {
    /// Where events and views are stored, for example `sqlite:shop.db` [default: a file in your
    /// data folder].
    #[arg(long, value_name = "URL", env = "CART_STORE", hide_env_values = true)]
    store: Option<String>,
}

#[derive(Args, Debug)]
struct Common {
    #[command(flatten)]
    store: StoreOption,
    /// End with one line of JSON instead of a report for people.
    #[arg(long)]
    json: bool,
}

impl Arguments {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command.unwrap_or(Command::Serve(self.serve)) {
            Command::Serve(options) => serve::run(options).await,
            Command::Import { file, common } => import::run(&file, &common).await,
            Command::Report(common) => report::run(&common).await,
            Command::Verify(common) => verify::run(&common).await,
            Command::Rebuild { view, common } => rebuild::run(&view, &common).await,
            Command::Copy { from, common } => copy::run(&from, &common).await,
        }
    }
}

/// The error and its causes in one line; a cause that the text before has told already is left out.
pub(crate) fn one_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if line.is_empty() {
            line = cause;
        } else if !line.contains(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    line.replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_cause_is_told_once() {
        let error = anyhow::anyhow!("the disk is full").context("no: the disk is full");
        assert_eq!(one_line(&error), "no: the disk is full");
        let error = anyhow::anyhow!("the disk is full").context("nothing stored");
        assert_eq!(one_line(&error), "nothing stored: the disk is full");
    }
}
