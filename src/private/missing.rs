//! Hidden: what a derive puts where something was not given, after it has said so.

use std::error::Error;
use std::fmt;

use super::*;

/// Stands in for every missing type, so that a reported mistake is not followed by others.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Missing;

impl fmt::Display for Missing {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl Error for Missing {}

impl Id for Missing {
    fn parse(_: &str) -> Result<Self, ParseIdError> {
        Ok(Self)
    }
}

impl ColumnType for Missing {
    const KIND: ColumnKind = ColumnKind::Text;

    fn to_value(&self) -> Result<Value, ColumnError> {
        Ok(Value::Null)
    }

    fn from_value(_: Value) -> Result<Self, ColumnError> {
        Ok(Self)
    }
}

impl Indexed for Missing {}

impl Event for Missing {
    type Id = Self;
    const PREFIX: Option<&'static str> = Some("");
    const TYPES: &'static [EventType] = &[];

    fn event_type(&self) -> EventType {
        EventType::new("", 1)
    }

    fn stream_id(_: &str, _: &str) -> Result<Self::Id, ParseIdError> {
        Ok(Self)
    }

    fn encode(&self) -> Result<String, EncodeError> {
        Ok(String::new())
    }

    fn decode(_: EncodedEvent<'_>) -> Result<Option<Self>, DecodeError> {
        Ok(None)
    }
}

impl Aggregate for Missing {
    type Event = Self;
    type Rejection = Self;
    const CATEGORY: &'static str = "";

    fn fold(&mut self, _: Self) {}
}

impl Apply for Missing {
    fn apply(&mut self, _: Self) {}
}

impl<C> Handle<C> for Missing {
    fn handle(&self, _: C, _: &Context) -> Decision<Self> {
        Err(Self)
    }
}
