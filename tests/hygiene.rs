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
    #[projection(name = "notes", events(NoteEvent), index(text, (text, length)), json(words))]
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
