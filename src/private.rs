//! Hidden: the only names that generated code may use. Not part of the public interface.

mod command_to;
mod detour;
mod id_field;

pub use self::command_to::CommandTo;
pub use self::detour::{category_of, parse_id, snapshots};
pub use self::id_field::IdField;

pub use cqrs_core::aggregate::{Aggregate, Apply, IdOf};
pub use cqrs_core::command::{Command, Existence};
pub use cqrs_core::event::names::{assert_disjoint, category, concat};
pub use cqrs_core::event::payload::{Payload, Upcast};
pub use cqrs_core::event::{
    DecodeError, EncodeError, EncodedEvent, Event, EventType, Recorded, StoredEvent,
};
pub use cqrs_core::handler::{Context, Decision, Handle};
pub use cqrs_core::id::{AnyId, Id, ParseIdError};
pub use cqrs_core::projection::{FieldDefault, FromKey, Project, Projection, Rows, ViewRow};
pub use cqrs_core::query::{Column, FullText, Indexed, Searchable};
pub use cqrs_core::snapshot::Snapshots;
pub use cqrs_core::view::{
    ColumnError, ColumnKind, ColumnSchema, ColumnType, Key, Row, Value, ViewSchema,
    assert_full_text, assert_scale, json_from_value, json_to_value,
};
pub use serde;
