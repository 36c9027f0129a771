//! ④ Payloads: the content of an enum's variant, without the Rust name of the variant.
//!
//! serde writes an enum as `{"Opened":{…}}`. The stored name of an event already says which variant
//! it is, and must survive a rename in Rust; so only the content is stored, and it is read back by
//! the variant's index. serde's field attributes hold as usual.

mod read;
mod write;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{DecodeError, EncodeError, EncodedEvent, EventType};

/// Lifts a payload from one schema version to the next: `fn(Value) -> Result<Value, String>`.
#[diagnostic::on_unimplemented(
    message = "an upcaster takes JSON and gives JSON, or says why it cannot",
    label = "not a `fn(serde_json::Value) -> Result<serde_json::Value, String>`",
    note = "write `fn …(value: serde_json::Value) -> Result<serde_json::Value, String>`"
)]
pub trait Upcaster: Fn(Value) -> Result<Value, String> {}

#[diagnostic::do_not_recommend]
impl<F: Fn(Value) -> Result<Value, String>> Upcaster for F {}

/// A step from `from` to `from + 1` for one variant.
#[derive(Clone, Copy)]
pub struct Upcast<'a> {
    from: u32,
    apply: &'a dyn Upcaster,
}

impl<'a> Upcast<'a> {
    /// The step that reads version `from` and writes the next one.
    pub const fn new<F: Upcaster>(from: u32, apply: &'a F) -> Self {
        Self { from, apply }
    }
}

impl fmt::Debug for Upcast<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Upcast({})", self.from)
    }
}

/// Writes the content of an enum's variant as JSON.
///
/// # Errors
///
/// What serde says, and for a value that is not an enum.
pub fn write_variant<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    let mut text = Vec::with_capacity(128);
    value.serialize(write::Content(&mut serde_json::Serializer::new(&mut text)))?;
    String::from_utf8(text).map_err(serde::ser::Error::custom)
}

/// Reads the variant `index` of an enum from its content.
///
/// # Errors
///
/// What serde says, with line and column.
pub fn read_variant<T: DeserializeOwned>(index: usize, text: &str) -> Result<T, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = T::deserialize(read::Variant::new(index, &mut deserializer))?;
    deserializer.end()?;
    Ok(value)
}

/// An enum whose variants serde can write and read.
///
/// The derive asks for it in one place, so that missing derives of serde's are one error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored, since serde does not know how to write and read it",
    label = "serde's derives are missing",
    note = "write `#[derive(Event, Serialize, Deserialize)]` above the enum"
)]
pub trait Payload: Sized {
    /// Writes the payload of an event.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] when serde cannot write it.
    fn encode(&self, event_type: EventType) -> Result<String, EncodeError>;

    /// Reads the variant `index`, lifting an old payload through its upcasters.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when the payload does not fit or its version is not known.
    fn decode(
        index: usize,
        known: EventType,
        upcasts: &[Upcast<'_>],
        event: EncodedEvent<'_>,
    ) -> Result<Self, DecodeError>;

    /// The same from an event that was stored under another name; `alias` makes of its payload the
    /// first version of the variant's, from which the upcasters go on.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when the payload does not fit.
    fn decode_alias(
        index: usize,
        known: EventType,
        upcasts: &[Upcast<'_>],
        alias: Upcast<'_>,
        event: EncodedEvent<'_>,
    ) -> Result<Self, DecodeError>;
}

#[diagnostic::do_not_recommend]
impl<E: Serialize + DeserializeOwned> Payload for E {
    fn encode(&self, event_type: EventType) -> Result<String, EncodeError> {
        write_variant(self).map_err(|source| EncodeError {
            name: event_type.name,
            source,
        })
    }

    fn decode(
        index: usize,
        known: EventType,
        upcasts: &[Upcast<'_>],
        event: EncodedEvent<'_>,
    ) -> Result<Self, DecodeError> {
        if event.schema_version == known.version {
            return read_variant(index, event.payload).map_err(|error| unreadable(event, &error));
        }
        if event.schema_version > known.version {
            return Err(DecodeError::NewerVersion {
                name: event.name.to_owned(),
                stored: event.schema_version,
                known: known.version,
            });
        }
        let value = lift(parse(event)?, event.schema_version, known, upcasts, event)?;
        E::deserialize(read::Variant::new(index, value)).map_err(|error| unreadable(event, &error))
    }

    fn decode_alias(
        index: usize,
        known: EventType,
        upcasts: &[Upcast<'_>],
        alias: Upcast<'_>,
        event: EncodedEvent<'_>,
    ) -> Result<Self, DecodeError> {
        let value = lifted(alias.apply, parse(event)?);
        let value = value.map_err(|reason| DecodeError::Payload {
            name: event.name.to_owned(),
            schema_version: event.schema_version,
            reason: format!("the upcaster of the alias failed: {reason}"),
        })?;
        let value = lift(value, 1, known, upcasts, event)?;
        E::deserialize(read::Variant::new(index, value)).map_err(|error| unreadable(event, &error))
    }
}

fn lift(
    mut value: Value,
    from: u32,
    known: EventType,
    upcasts: &[Upcast<'_>],
    event: EncodedEvent<'_>,
) -> Result<Value, DecodeError> {
    for version in from..known.version {
        let Some(step) = upcasts.iter().find(|step| step.from == version) else {
            return Err(DecodeError::MissingUpcaster {
                name: event.name.to_owned(),
                stored: version,
                known: known.version,
            });
        };
        value = lifted(step.apply, value).map_err(|reason| DecodeError::Payload {
            name: event.name.to_owned(),
            schema_version: event.schema_version,
            reason: format!("the upcaster from version {version} failed: {reason}"),
        })?;
    }
    Ok(value)
}

/// Runs an upcaster. One that panics (an index into JSON that is no object does) is an event that
/// cannot be read, like one that fails.
fn lifted(upcaster: &dyn Upcaster, value: Value) -> Result<Value, String> {
    let lifted = catch_unwind(AssertUnwindSafe(|| upcaster(value)));
    lifted.unwrap_or_else(|panic| {
        let message = crate::panic::message(panic.as_ref());
        Err(format!("it panicked: {message}"))
    })
}

fn parse(event: EncodedEvent<'_>) -> Result<Value, DecodeError> {
    serde_json::from_str(event.payload).map_err(|error| unreadable(event, &error))
}

fn unreadable(event: EncodedEvent<'_>, error: &serde_json::Error) -> DecodeError {
    DecodeError::Payload {
        name: event.name.to_owned(),
        schema_version: event.schema_version,
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    #[serde(rename_all = "camelCase")]
    enum Fact {
        Opened {
            #[serde(rename = "o")]
            owner: String,
            #[serde(default)]
            count: u32,
        },
        Closed,
        Pair(u32, String),
        One(Vec<u8>),
        Tree(Box<Fact>),
    }

    fn back(index: usize, fact: Fact, text: &str) {
        assert_eq!(write_variant(&fact).unwrap(), text);
        assert_eq!(read_variant::<Fact>(index, text).unwrap(), fact);
    }

    #[test]
    fn every_kind_of_variant_reads_back_without_its_name() {
        let owner = "Ada".to_owned();
        back(
            0,
            Fact::Opened { owner, count: 1 },
            r#"{"o":"Ada","count":1}"#,
        );
        back(1, Fact::Closed, "{}");
        back(2, Fact::Pair(1, "x".into()), r#"[1,"x"]"#);
        back(3, Fact::One(vec![1]), "[1]");
        back(4, Fact::Tree(Box::new(Fact::Closed)), r#""closed""#);
    }

    #[test]
    fn serde_field_attributes_hold() {
        let fact: Fact = read_variant(0, r#"{"o":"Ada"}"#).unwrap();
        assert_eq!(
            fact,
            Fact::Opened {
                owner: "Ada".into(),
                count: 0
            }
        );
    }

    #[test]
    fn what_follows_the_payload_is_refused() {
        assert!(read_variant::<Fact>(1, "{} {}").is_err());
    }

    fn version(schema_version: u32) -> EncodedEvent<'static> {
        EncodedEvent {
            name: "fact.opened",
            schema_version,
            payload: r#"{"name":"Ada"}"#,
        }
    }

    #[test]
    fn an_old_payload_is_lifted_and_a_missing_step_is_named() {
        let rename = |mut value: Value| {
            value["o"] = value["name"].take();
            Ok(value)
        };
        let known = EventType::new("fact.opened", 2);
        let steps = [Upcast::new(1, &rename)];
        let fact = Fact::decode(0, known, &steps, version(1)).unwrap();
        assert_eq!(
            fact,
            Fact::Opened {
                owner: "Ada".into(),
                count: 0
            }
        );
        let missing = Fact::decode(0, known, &[], version(1)).unwrap_err();
        assert!(
            missing.to_string().contains("add `upcast(1 = …)`"),
            "{missing}"
        );
        let newer = Fact::decode(0, known, &steps, version(3)).unwrap_err();
        assert!(newer.to_string().contains("run a newer build"), "{newer}");
    }
}
