//! ① Commands as JSON, addressed by name: what an HTTP layer or a queue carries.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Command;
use crate::event::payload;

/// A command that could not be read from JSON or written to it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandJsonError {
    /// No command of this type has the name.
    #[error("unknown command `{name}`; expected one of: {expected}")]
    UnknownName {
        /// The name that was asked for.
        name: String,
        /// The names that exist, separated by commas.
        expected: String,
    },
    /// The JSON does not have the command's fields.
    #[error("the command `{name}` cannot be read")]
    Read {
        /// The command's name.
        name: String,
        /// What serde says, with line and column.
        #[source]
        source: serde_json::Error,
    },
    /// The command's fields cannot be written as JSON.
    #[error("the command `{name}` cannot be written")]
    Write {
        /// The command's name.
        name: String,
        /// What serde says.
        #[source]
        source: serde_json::Error,
    },
}

/// Reads the command `name` from the JSON object of its fields.
///
/// # Errors
///
/// [`CommandJsonError`] when there is no such command or the JSON does not fit it.
///
/// # Example
///
/// ```
/// use cqrs::doc::AccountCommand;
///
/// let deposit: AccountCommand = cqrs::command::from_json("deposit", r#"{"id":"ada","amount":5}"#)?;
/// assert_eq!(cqrs::command::to_json(&deposit)?, r#"{"id":"ada","amount":5}"#);
///
/// let unknown = cqrs::command::from_json::<AccountCommand>("close", "{}").unwrap_err();
/// assert_eq!(unknown.to_string(), "unknown command `close`; expected one of: open, deposit, withdraw");
/// # Ok::<(), cqrs::command::CommandJsonError>(())
/// ```
pub fn from_json<C: Command + DeserializeOwned>(
    name: &str,
    json: &str,
) -> Result<C, CommandJsonError> {
    let Some(index) = C::NAMES.iter().position(|known| *known == name) else {
        return Err(CommandJsonError::UnknownName {
            name: name.to_owned(),
            expected: C::NAMES.join(", "),
        });
    };
    let read = match C::IS_ENUM {
        true => payload::read_variant(index, json),
        false => serde_json::from_str(json),
    };
    read.map_err(|source| CommandJsonError::Read {
        name: name.to_owned(),
        source,
    })
}

/// Writes the command's fields as a JSON object, without its name.
///
/// # Errors
///
/// [`CommandJsonError::Write`] when a field cannot be written as JSON.
pub fn to_json<C: Command + Serialize>(command: &C) -> Result<String, CommandJsonError> {
    let written = match C::IS_ENUM {
        true => payload::write_variant(command),
        false => serde_json::to_string(command),
    };
    written.map_err(|source| CommandJsonError::Write {
        name: command.name().to_owned(),
        source,
    })
}
