//! Generated code in unfriendly surroundings. `tests/renamed` adds a renamed crate and strict lints
//! on what is public.

#![deny(warnings, missing_docs, unreachable_pub, unused_qualifications)]
#![deny(clippy::all, clippy::pedantic)]

/// Every name that generated code might take for granted means something else here.
mod shadowed {
    #![no_implicit_prelude]
    #![allow(dead_code)]

    use ::cqrs::{Aggregate, Apply, Command, Context, Decision, Event, Handle, Id};
    use ::cqrs::{Project, Projection, Recorded, Rows};
    use ::serde::{Deserialize, Serialize};

    struct Result;
    struct Option;
    struct Vec;
    struct Box;
    struct Some;
    struct None;
    struct Ok;
    struct Err;
    type String = ();
    type Input = ();
    mod core {}
    mod std {}
    mod cqrs {}
    mod private {}
    mod serde {}

    #[derive(Id)]
    pub(super) struct NoteId(::std::string::String);

    #[derive(Event, Serialize, Deserialize)]
    #[event(prefix = "note", id = NoteId, version(Written = 2), upcast(Written(1 = lift)))]
    pub(super) enum NoteEvent {
        Written { text: ::std::string::String },
        Torn,
    }

    // The type of an upcaster.
    #[allow(clippy::unnecessary_wraps)]
    fn lift(
        old: ::serde_json::Value,
    ) -> ::std::result::Result<::serde_json::Value, ::std::string::String> {
        ::std::result::Result::Ok(old)
    }

    #[derive(Event)]
    #[event(transparent)]
    enum EveryEvent {
        Note(NoteEvent),
        Account(::cqrs::doc::AccountEvent),
    }

    #[derive(Aggregate, ::std::default::Default)]
    #[aggregate(event = NoteEvent, rejection = ::std::fmt::Error)]
    pub(super) struct Note;

    impl Apply for Note {
        fn apply(&mut self, _: NoteEvent) {}
    }

    #[derive(Command, ::std::clone::Clone)]
    #[command(aggregate = Note, creates)]
    pub(super) struct Write {
        note: NoteId,
    }

    impl Handle<Write> for Note {
        fn handle(&self, _: Write, _: &Context) -> Decision<Self> {
            ::std::result::Result::Ok(::std::vec::Vec::new())
        }
    }

    #[derive(Command, ::std::clone::Clone)]
    #[command(aggregate = Note)]
    enum NoteCommand {
        Write(Write),
    }

    #[derive(Command, ::std::clone::Clone)]
    #[command(aggregate = Note, may_create(Tear))]
    enum Named {
        Tear { note: NoteId },
    }

    impl Handle<Named> for Note {
        fn handle(&self, _: Named, _: &Context) -> Decision<Self> {
            ::std::result::Result::Ok(::std::vec::Vec::new())
        }
    }

    #[derive(Projection, ::std::clone::Clone)]
    #[projection(name = "notes", events(NoteEvent), index(text, (text, length)), json(words), full_text(text))]
    pub(super) struct NoteRow {
        note: NoteId,
        text: ::std::string::String,
        length: ::std::option::Option<u32>,
        words: ::std::vec::Vec<::std::string::String>,
    }

    impl Project<NoteEvent> for NoteRow {
        fn project(event: &Recorded<NoteEvent>, rows: &mut Rows<Self>) {
            rows.upsert(&event.id, |row| row.words.clear());
        }
    }
}

/// Field, variant and type names that are keywords.
mod keywords {
    use cqrs::prelude::*;

    #[derive(Id)]
    pub(super) struct r#Type(String);

    #[derive(Event, Serialize, Deserialize)]
    #[event(prefix = "keyword", id = r#Type)]
    pub(super) enum KeywordEvent {
        r#Match { r#fn: u8 },
        r#Loop,
    }

    #[derive(Projection, Clone)]
    #[projection(name = "keywords", events(KeywordEvent), key = r#type, index(r#fn))]
    pub(super) struct r#Struct {
        r#fn: u8,
        pub(super) r#type: r#Type,
    }

    impl Project<KeywordEvent> for r#Struct {
        fn project(event: &Recorded<KeywordEvent>, rows: &mut Rows<Self>) {
            match event.data {
                KeywordEvent::r#Match { r#fn } => rows.upsert(&event.id, |row| row.r#fn = r#fn),
                KeywordEvent::r#Loop => rows.delete(&event.id),
            }
        }
    }
}

/// Functions of the user's that are called as those of the traits.
mod same_names {
    #![allow(dead_code, clippy::unused_self)]

    use cqrs::prelude::*;

    #[derive(Id)]
    pub(super) struct NoteId(String);

    impl NoteId {
        fn parse() {}
        fn to_value(&self) {}
    }

    #[derive(Event, Serialize, Deserialize)]
    #[event(prefix = "note", id = NoteId)]
    pub(super) enum NoteEvent {
        Written,
    }

    impl NoteEvent {
        const PREFIX: () = ();
        const TYPES: () = ();
        fn event_type(&self) {}
        fn stream_id() {}
        fn encode(&self) {}
        fn decode() {}
    }

    #[derive(Event)]
    #[event(transparent)]
    pub(super) enum EveryEvent {
        Note(NoteEvent),
    }

    #[derive(Aggregate, Default)]
    #[aggregate(event = NoteEvent, rejection = std::fmt::Error)]
    pub(super) struct Note;

    impl Note {
        const CATEGORY: () = ();
        fn default() {}
        fn initial() {}
        fn fold(&self) {}
        fn apply(&self) {}
        fn handle(&self) {}
    }

    impl Apply for Note {
        fn apply(&mut self, _: NoteEvent) {}
    }

    #[derive(Command, Clone)]
    #[command(aggregate = Note, may_create)]
    pub(super) struct Write {
        pub(super) note: NoteId,
    }

    impl Write {
        const NAMES: () = ();
        const IS_ENUM: () = ();
        fn id(&self) {}
        fn name(&self) {}
        fn existence(&self) {}
        fn decide(&self) {}
    }

    impl Handle<Write> for Note {
        fn handle(&self, _: Write, _: &Context) -> Decision<Self> {
            Ok(vec![NoteEvent::Written])
        }
    }

    #[derive(Command, Clone)]
    #[command(aggregate = Note)]
    pub(super) enum NoteCommand {
        Write(Write),
    }

    #[derive(Projection, Clone)]
    #[projection(name = "notes", events(NoteEvent))]
    pub(super) struct NoteRow {
        note: NoteId,
    }

    impl NoteRow {
        fn clone() {}
        fn schema() {}
        fn key(&self) {}
        fn cell(&self) {}
        fn from_row() {}
        fn from_key() {}
        fn duplicate(&self) {}
        fn dispatch() {}
    }

    impl Project<NoteEvent> for NoteRow {
        fn project(event: &Recorded<NoteEvent>, rows: &mut Rows<Self>) {
            rows.upsert(&event.id, |_| ());
        }
    }
}

/// Items that come out of a macro, with fields and types given to it.
mod from_a_macro {
    #![allow(dead_code)]

    use cqrs::prelude::*;

    macro_rules! note {
        ($event:ident, $row:ident, $field:ident: $ty:ty) => {
            #[derive(Id)]
            pub(super) struct Key(String);

            #[derive(Event, Serialize, Deserialize)]
            #[event(prefix = "made", id = Key)]
            pub(super) enum $event {
                Made { $field: $ty },
            }

            #[derive(Projection, Clone)]
            #[projection(name = "made", events($event), index($field))]
            pub(super) struct $row {
                key: Key,
                $field: $ty,
            }

            impl Project<$event> for $row {
                fn project(event: &Recorded<$event>, rows: &mut Rows<Self>) {
                    let $event::Made { $field } = &event.data;
                    rows.upsert(&event.id, |row| row.$field.clone_from($field));
                }
            }
        };
    }

    note!(MadeEvent, MadeRow, text: String);

    macro_rules! command {
        ($aggregate:ident, $event:ty, $command:ident, $id:ty, $all:ident) => {
            #[derive(Aggregate, Default)]
            #[aggregate(event = $event, rejection = std::fmt::Error)]
            pub(super) struct $aggregate;

            impl Apply for $aggregate {
                fn apply(&mut self, _: $event) {}
            }

            #[derive(Command, Clone)]
            #[command(aggregate = $aggregate, creates)]
            pub(super) struct $command {
                id: $id,
            }

            impl Handle<$command> for $aggregate {
                fn handle(&self, _: $command, _: &Context) -> Decision<Self> {
                    Ok(vec![])
                }
            }

            #[derive(Command, Clone)]
            #[command(aggregate = $aggregate)]
            pub(super) enum $all {
                $command($command),
            }

            #[derive(Event)]
            #[event(transparent)]
            pub(super) enum Composed {
                Made($event),
            }
        };
    }

    command!(Made, MadeEvent, Make, Key, MadeCommand);
}

#[test]
fn shadowed_names_change_nothing() {
    use cqrs::projection::ViewRow;
    use cqrs::{Command, Event};

    assert_eq!(shadowed::NoteEvent::Torn.event_type().name, "note.torn");
    assert_eq!(shadowed::Write::NAMES, ["write"]);
    assert_eq!(shadowed::NoteRow::schema().columns.len(), 4);
}

#[test]
fn raw_identifiers_lose_their_prefix() {
    use cqrs::projection::ViewRow;
    use cqrs::{Event, Id};

    let names = keywords::KeywordEvent::TYPES.iter().map(|known| known.name);
    assert!(names.eq(["keyword.match", "keyword.loop"]));
    let columns = keywords::Struct::schema().columns;
    assert!(columns.iter().map(|column| column.name).eq(["fn", "type"]));
    let id = keywords::Type::parse("x").unwrap();
    assert_eq!(format!("{id:?}"), r#"Type("x")"#);
}

#[test]
fn items_may_come_out_of_a_macro() {
    use cqrs::projection::ViewRow;

    use cqrs::{Command, Event};

    assert_eq!(from_a_macro::MadeRow::schema().indexes, [vec![1]]);
    assert_eq!(from_a_macro::MadeCommand::NAMES, ["make"]);
    assert_eq!(from_a_macro::Composed::TYPES.len(), 1);
}

#[test]
fn names_of_the_traits_are_free_for_the_user() {
    use cqrs::{Command, Event};

    let write = same_names::Write { note: "n".into() };
    let command = same_names::NoteCommand::Write(write);
    assert_eq!(Command::name(&command), "write");
    let written = same_names::EveryEvent::Note(same_names::NoteEvent::Written);
    assert_eq!(Event::event_type(&written).name, "note.written");
}

#[test]
fn items_may_stand_in_a_function() {
    use cqrs::prelude::*;
    use cqrs::projection::ViewRow;

    #[derive(Id)]
    struct NoteId(String);

    #[derive(Event, Serialize, Deserialize)]
    #[event(prefix = "note", id = NoteId)]
    enum NoteEvent {
        Written { text: String },
    }

    #[derive(Aggregate, Default)]
    #[aggregate(event = NoteEvent, rejection = std::fmt::Error)]
    struct Note;

    impl Apply for Note {
        fn apply(&mut self, _: NoteEvent) {}
    }

    #[derive(Command, Clone)]
    #[command(aggregate = Note, creates(Write))]
    enum NoteCommand {
        Write { note: NoteId, text: String },
    }

    impl Handle<NoteCommand> for Note {
        fn handle(&self, command: NoteCommand, _: &Context) -> Decision<Self> {
            let NoteCommand::Write { text, .. } = command;
            Ok(vec![NoteEvent::Written { text }])
        }
    }

    #[derive(Projection, Clone)]
    #[projection(name = "notes", events(NoteEvent), index(text))]
    struct NoteRow {
        note: NoteId,
        text: String,
    }

    impl Project<NoteEvent> for NoteRow {
        fn project(event: &Recorded<NoteEvent>, rows: &mut Rows<Self>) {
            let NoteEvent::Written { text } = &event.data;
            rows.upsert(&event.id, |row| row.text.clone_from(text));
        }
    }

    let (note, text) = ("n".into(), "hello".to_owned());
    let events = Note.handle(NoteCommand::Write { note, text }, &Context::default());
    assert_eq!(events.unwrap().len(), 1);
    assert_eq!(NoteRow::schema().indexes, [vec![1]]);
}
