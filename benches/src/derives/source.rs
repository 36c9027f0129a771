//! The two crates: ten aggregates of five events and five commands, and a view of each.

use std::path::Path;

const AGGREGATES: usize = 10;
const EVENTS: usize = 5;

pub(super) fn manifest(name: &str, root: &Path) -> String {
    let root = root.display();
    format!(
        r#"[package]
name = "{name}"
version = "0.0.0"
edition = "2024"

[dependencies]
cqrs = {{ path = "{root}", default-features = false }}
serde = {{ version = "1", features = ["derive"] }}

[workspace]
"#
    )
}

/// Every type with what the framework derives and asks to be written.
pub(super) fn ours() -> String {
    let aggregate = |number: usize| {
        let (events, commands) = (events(), commands());
        format!(
            r#"
pub mod thing_{number} {{
    use cqrs::prelude::*;

    #[derive(Id)]
    pub struct ThingId(String);

    #[derive(Event, Serialize, Deserialize, Clone, Debug)]
    #[event(prefix = "thing_{number}", id = ThingId)]
    pub enum ThingEvent {{ {events} }}

    #[derive(Aggregate, Default, Debug)]
    #[aggregate(event = ThingEvent, rejection = Refused)]
    pub struct Thing {{ pub count: u64 }}

    impl Apply for Thing {{
        fn apply(&mut self, _: ThingEvent) {{ self.count += 1; }}
    }}

    #[derive(Debug)]
    pub struct Refused;

    impl std::fmt::Display for Refused {{
        fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {{
            formatter.write_str("no")
        }}
    }}

    impl std::error::Error for Refused {{}}

    #[derive(Command, Serialize, Deserialize, Clone, Debug)]
    #[command(aggregate = Thing, may_create(Command0))]
    pub enum ThingCommand {{ {commands} }}

    impl Handle<ThingCommand> for Thing {{
        fn handle(&self, _: ThingCommand, _: &Context) -> Decision<Self> {{ Ok(Vec::new()) }}
    }}

    #[derive(Projection, Clone, Debug)]
    #[projection(name = "things_{number}", events(ThingEvent), index(name, count))]
    pub struct ThingRow {{ id: ThingId, name: String, count: u64, note: Option<String> }}

    impl Project<ThingEvent> for ThingRow {{
        fn project(event: &Recorded<ThingEvent>, rows: &mut Rows<Self>) {{
            rows.upsert(&event.id, |row| row.count += 1);
        }}
    }}
}}
"#
        )
    };
    (0..AGGREGATES).map(aggregate).collect()
}

/// The same types with serde's derives alone.
pub(super) fn raw() -> String {
    let aggregate = |number: usize| {
        let (events, commands) = (events(), commands());
        format!(
            r#"
pub mod thing_{number} {{
    use serde::{{Deserialize, Serialize}};

    #[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct ThingId(String);

    #[derive(Serialize, Deserialize, Clone, Debug)]
    pub enum ThingEvent {{ {events} }}

    #[derive(Default, Debug)]
    pub struct Thing {{ pub count: u64 }}

    #[derive(Serialize, Deserialize, Clone, Debug)]
    pub enum ThingCommand {{ {commands} }}

    #[derive(Serialize, Deserialize, Clone, Debug)]
    pub struct ThingRow {{ id: ThingId, name: String, count: u64, note: Option<String> }}
}}
"#
        )
    };
    (0..AGGREGATES).map(aggregate).collect()
}

fn events() -> String {
    let event = |number| format!("Event{number} {{ name: String, amount: u64 }}, ");
    (0..EVENTS).map(event).collect()
}

fn commands() -> String {
    let command =
        |number| format!("Command{number} {{ id: ThingId, name: String, amount: u64 }}, ");
    (0..EVENTS).map(command).collect()
}
