//! A library that knows `cqrs` as `events`. It compiles without a warning, so generated code finds
//! the crate under its new name and passes strict lints on public items.

#![deny(warnings, missing_docs, missing_debug_implementations)]
#![deny(
    unreachable_pub,
    unused_qualifications,
    single_use_lifetimes,
    unsafe_code
)]
#![deny(clippy::all, clippy::pedantic)]

use std::fmt;

use events::prelude::*;

/// The id of a note.
#[derive(Id)]
pub struct NoteId(String);

/// The id of a shelf.
#[derive(Id)]
pub struct ShelfId(u64);

/// What happens to a note.
#[derive(Event, Serialize, Deserialize, Debug)]
#[event(prefix = "note", id = NoteId)]
pub enum NoteEvent {
    /// It was written.
    Written {
        /// What it says.
        text: String,
    },
    /// It was torn.
    Torn,
}

/// What happens to a shelf.
#[derive(Event, Serialize, Deserialize, Debug)]
#[event(prefix = "shelf", id = ShelfId)]
#[non_exhaustive]
pub enum ShelfEvent {
    /// It was filled.
    Filled(Vec<NoteId>),
    /// It was emptied.
    #[deprecated]
    Emptied,
}

/// Everything that happens.
#[derive(Event, Debug)]
#[event(transparent)]
pub enum AnyEvent {
    /// To a note.
    Note(NoteEvent),
    /// To a shelf.
    Shelf(ShelfEvent),
}

/// A note.
#[derive(Aggregate, Default, Debug)]
#[aggregate(event = NoteEvent, rejection = TornAlready)]
pub struct Note {
    torn: bool,
}

/// A torn note cannot be torn.
#[derive(Debug, Clone, Copy)]
pub struct TornAlready;

impl fmt::Display for TornAlready {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the note is torn already")
    }
}

impl std::error::Error for TornAlready {}

impl Apply for Note {
    fn apply(&mut self, event: NoteEvent) {
        match event {
            NoteEvent::Written { .. } => {}
            NoteEvent::Torn => self.torn = true,
        }
    }
}

/// Orders to a note.
#[derive(Command, Clone, Debug, Serialize, Deserialize)]
#[command(aggregate = Note, creates(Write))]
pub enum NoteCommand {
    /// Write it.
    Write {
        /// Which.
        note: NoteId,
        /// What it says.
        text: String,
    },
    /// Tear it.
    Tear {
        /// Which.
        note: NoteId,
    },
}

impl Handle<NoteCommand> for Note {
    fn handle(&self, command: NoteCommand, _: &Context) -> Decision<Self> {
        match command {
            NoteCommand::Write { text, .. } => Ok(vec![NoteEvent::Written { text }]),
            NoteCommand::Tear { .. } => {
                ensure(!self.torn, TornAlready)?;
                Ok(vec![NoteEvent::Torn])
            }
        }
    }
}

/// An order that stands alone.
#[derive(Command, Clone, Debug)]
#[command(aggregate = Note, may_create)]
pub struct Touch {
    /// Which note.
    pub note: NoteId,
}

impl Handle<Touch> for Note {
    fn handle(&self, _: Touch, _: &Context) -> Decision<Self> {
        Ok(vec![])
    }
}

/// Orders that delegate.
#[derive(Command, Clone, Debug)]
#[command(aggregate = Note)]
pub enum Orders {
    /// Touch a note.
    Touch(Touch),
}

/// A row of the view of notes.
#[derive(Projection, Clone, Debug)]
#[projection(name = "notes", events(NoteEvent, ShelfEvent), index(text, (text, shelf)))]
pub struct NoteRow {
    /// The key.
    pub note: NoteId,
    /// What it says.
    pub text: String,
    /// Where it stands.
    pub shelf: Option<ShelfId>,
    #[projection(json)]
    history: Vec<String>,
}

impl Project<NoteEvent> for NoteRow {
    fn project(event: &Recorded<NoteEvent>, rows: &mut Rows<Self>) {
        match &event.data {
            NoteEvent::Written { text } => rows.upsert(&event.id, |row| {
                row.text.clone_from(text);
                row.history.push(text.clone());
            }),
            NoteEvent::Torn => rows.delete(&event.id),
        }
    }
}

impl Project<ShelfEvent> for NoteRow {
    fn project(event: &Recorded<ShelfEvent>, rows: &mut Rows<Self>) {
        if let ShelfEvent::Filled(notes) = &event.data {
            for note in notes {
                rows.update(note, |row| row.shelf = Some(event.id));
            }
        }
    }
}
