//! What comes from outside may be anything: it is read or refused, and never panics.

#![allow(missing_docs, clippy::unwrap_used)]

use cqrs::command::{from_json, to_json};
use cqrs::doc::{AccountCommand, AccountEvent, Balance};
use cqrs::event::EncodedEvent;
use cqrs::prelude::*;
use cqrs::{Cursor, Metadata, Position, StoredEvent, StreamId};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

/// Text that is JSON now and then, and otherwise nearly so.
fn nearly_json() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("{".to_owned()),
        Just("}".to_owned()),
        Just("[".to_owned()),
        Just("]".to_owned()),
        Just(":".to_owned()),
        Just(",".to_owned()),
        Just("null".to_owned()),
        Just("\"amount\"".to_owned()),
        Just("\"owner\"".to_owned()),
        Just("\"id\"".to_owned()),
        any::<i128>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| number.to_string()),
        any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
        any::<String>(),
    ];
    vec(word, 0..12).prop_map(|words| words.concat())
}

fn name() -> impl Strategy<Value = String> {
    let known = vec!["account.opened", "account.deposited", "account.withdrawn"];
    prop_oneof![
        3 => prop::sample::select(known).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_stored_event_is_read_or_refused(
        name in name(),
        schema_version in 0..4_u32,
        payload in nearly_json(),
    ) {
        let stored = EncodedEvent { name: &name, schema_version, payload: &payload };
        if let Ok(Some(read)) = AccountEvent::decode(stored) {
            let payload = read.encode().unwrap();
            let again = EncodedEvent { payload: &payload, ..stored };
            prop_assert_eq!(AccountEvent::decode(again).unwrap(), Some(read));
        }
    }

    #[test]
    fn an_amount_of_any_form_is_read_or_refused_by_name(amount in nearly_json()) {
        let stream = StreamId::new("account", "ada").unwrap();
        let mut event = StoredEvent::new(Position::new(1), stream, 1);
        event.name = "account.deposited".to_owned();
        event.payload = format!(r#"{{"amount":{amount}}}"#);
        if let Err(error) = event.decode::<AccountEvent>() {
            prop_assert!(error.to_string().contains("account.deposited"), "{}", error);
        }
    }

    #[test]
    fn nesting_without_end_is_refused(depth in 1..20_000_usize) {
        let stream = StreamId::new("account", "ada").unwrap();
        let mut event = StoredEvent::new(Position::new(1), stream, 1);
        event.name = "account.deposited".to_owned();
        event.payload = format!(r#"{{"other":{}"#, "[".repeat(depth));
        prop_assert!(event.decode::<AccountEvent>().is_err());
    }

    #[test]
    fn a_stream_has_a_sound_name_or_none(category in any::<String>(), id in any::<String>()) {
        if let Ok(stream) = StreamId::new(&category, &id) {
            prop_assert_eq!((stream.category(), stream.id()), (&*category, &*id));
        }
    }

    #[test]
    fn a_command_is_read_from_any_text_or_refused(id in any::<String>(), rest in nearly_json()) {
        let id = serde_json::Value::from(id);
        for json in [rest.clone(), format!(r#"{{"id":{id},"amount":{rest}}}"#)] {
            if let Ok(command) = from_json::<AccountCommand>("deposit", &json) {
                let written = to_json(&command).unwrap();
                let again: AccountCommand = from_json("deposit", &written).unwrap();
                prop_assert_eq!(to_json(&again).unwrap(), written);
            }
        }
    }

    #[test]
    fn metadata_reads_back_equal(entries in btree_map(any::<String>(), any::<String>(), 0..6)) {
        let with = |metadata: Metadata, (key, value)| metadata.with(key, value);
        let metadata = entries.into_iter().fold(Metadata::default(), with);
        let json = serde_json::to_string(&metadata).unwrap();
        prop_assert_eq!(serde_json::from_str::<Metadata>(&json).unwrap(), metadata);
    }
}

/// Three rows, and the cursor after the first one.
async fn app_with_a_cursor() -> (App, String) {
    let app = App::in_memory().project::<Balance>().await.unwrap();
    let mut last = Position::START;
    for id in ["ada", "bob", "cid"] {
        let owner = id.to_owned();
        let id = id.into();
        let opened = app.execute(AccountCommand::Open { id, owner }).await;
        last = opened.unwrap().position;
    }
    app.wait_for::<Balance>(last).await.unwrap();
    let page = app.view::<Balance>().order_by(Balance::OWNER.asc()).page(1);
    let cursor = page.await.unwrap().next.unwrap().to_string();
    (app, cursor)
}

#[test]
fn a_cursor_of_any_text_is_a_place_or_refused() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (app, sound) = runtime.block_on(app_with_a_cursor());
    let spoilt = (any::<prop::sample::Index>(), "[0-9a-f]{0,6}|.{0,3}").prop_map(|(at, text)| {
        let at = at.index(sound.len());
        let end = (at + text.len()).min(sound.len());
        format!("{}{text}{}", &sound[..at], &sound[end..])
    });
    let config = ProptestConfig::with_cases(1000);
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let checked = runner.run(&spoilt, |text| {
        let Ok(cursor) = text.parse::<Cursor>() else {
            return Ok(());
        };
        let query = app.view::<Balance>().order_by(Balance::OWNER.asc());
        match runtime.block_on(query.after(cursor).page(10)) {
            Ok(page) => prop_assert!(page.rows.len() <= 3),
            Err(error) => prop_assert!(error.to_string().contains("is not a cursor"), "{}", error),
        }
        Ok(())
    });
    checked.unwrap();
}
