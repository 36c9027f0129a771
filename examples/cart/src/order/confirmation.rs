//! ⑩ What follows from an order: a confirmation, written into the mail folder.

use std::io;
use std::path::{Path, PathBuf};

use cqrs::prelude::*;
use cqrs::projection::OnFailure;
use cqrs::subscription::SubscriptionOptions;
use cqrs::{OpenError, RetryPolicy};
use thiserror::Error;

use super::{Line, OrderEvent, OrderId, total};
use crate::import::is_imported;
use crate::product::title;
use crate::text::money;

/// The subscription's name.
pub const CONFIRMATIONS: &str = "confirmations";

/// Writes a confirmation for each order that a customer places; imported ones get none.
#[derive(Debug, Clone)]
pub struct Mailer {
    folder: PathBuf,
    retry: RetryPolicy,
}

/// Why a confirmation was not written.
#[derive(Error, Debug)]
#[non_exhaustive]
pub(super) enum MailError {
    /// The number would lead out of the folder.
    #[error("`{0}` cannot be the name of a file")]
    Name(OrderId),
    /// The file system says no.
    #[error("the confirmation `{}` cannot be written", .file.display())]
    Unwritable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl Mailer {
    /// Writes into this folder, which is made with the first confirmation.
    pub fn new(folder: impl Into<PathBuf>, retry: RetryPolicy) -> Self {
        let folder = folder.into();
        Self { folder, retry }
    }

    /// Subscribes to the orders. One that cannot be confirmed becomes a dead letter, and all others
    /// are confirmed.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the store cannot be reached.
    pub async fn subscribe(self, app: &App) -> Result<(), OpenError> {
        let options = SubscriptionOptions::default()
            .retry(self.retry.clone())
            .on_failure(OnFailure::DeadLetter);
        let folder = self.folder;
        let handler = move |event| confirm(folder.clone(), event);
        app.subscribe_with(CONFIRMATIONS, options, handler).await
    }
}

/// Named after the order, so that an event that comes twice writes the same file again.
async fn confirm(folder: PathBuf, event: Recorded<OrderEvent>) -> Result<(), MailError> {
    let OrderEvent::Placed { country, lines, .. } = &event.data else {
        return Ok(());
    };
    if is_imported(&event.metadata) {
        return Ok(());
    }
    let file = file(&folder, &event.id)?;
    let text = text(&event.id, country, lines);
    let written = write(&folder, &file, text).await;
    written.map_err(|source| MailError::Unwritable { file, source })
}

fn file(folder: &Path, order: &OrderId) -> Result<PathBuf, MailError> {
    let name = order.to_string();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    match !name.is_empty() && name.chars().all(plain) {
        true => Ok(folder.join(format!("{name}.txt"))),
        false => Err(MailError::Name(order.clone())),
    }
}

/// Under another name first, so that nobody ever reads half a confirmation.
async fn write(folder: &Path, file: &Path, text: String) -> io::Result<()> {
    tokio::fs::create_dir_all(folder).await?;
    let unfinished = file.with_extension("unfinished");
    tokio::fs::write(&unfinished, text).await?;
    tokio::fs::rename(&unfinished, file).await
}

fn text(order: &OrderId, country: &str, lines: &[Line]) -> String {
    let mut text = format!("Thank you for your order {order}.\n\nIt goes to: {country}\n\n");
    for line in lines {
        let (name, amount) = (title(&line.product, &line.name), money(line.amount()));
        text += &format!("{} × {name} ({}): {amount}\n", line.units, line.product);
    }
    text + &format!("\nTotal: {}\n", money(total(lines)))
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    #[test]
    fn a_confirmation_names_what_was_ordered() {
        let line = Line {
            product: "A".into(),
            name: "RED MUG".into(),
            units: 2,
            price: Decimal::new(150, 2),
        };
        let text = text(&"7".into(), "France", &[line]);
        assert!(text.contains("2 × RED MUG (A): £3.00\n"), "{text}");
        assert!(text.ends_with("\nTotal: £3.00\n"), "{text}");
    }

    #[test]
    fn no_order_number_leads_out_of_the_folder() {
        let folder = Path::new("mail");
        assert_eq!(
            file(folder, &"3f-2a".into()).unwrap(),
            folder.join("3f-2a.txt")
        );
        for bad in ["", "..", "../up", "a/b", "a\\b", "a\0b"] {
            assert!(file(folder, &bad.into()).is_err(), "{bad}");
        }
    }
}
