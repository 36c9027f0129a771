//! Hooks around every command: order, refusal, metadata, outcome, panics.

#![allow(missing_docs, clippy::unwrap_used)]

use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cqrs::doc::{AccountCommand, AccountCommand::*, NoFunds};
use cqrs::hook::{CommandContext, CommandHook, CommandOutcome, CommandResult, HookError};
use cqrs::prelude::*;
use cqrs::store::Stores;
use cqrs::{BoxFuture, ExecuteError, Metadata, StreamId};
use uuid::Uuid;

fn open(id: &str) -> AccountCommand {
    let owner = id.to_uppercase();
    let id = id.into();
    Open { id, owner }
}

fn deposit(amount: u64) -> AccountCommand {
    let id = "ada".into();
    Deposit { id, amount }
}

fn withdraw(amount: u64) -> AccountCommand {
    let id = "ada".into();
    Withdraw { id, amount }
}

type Notes = Arc<Mutex<Vec<String>>>;

fn taken(notes: &Notes) -> Vec<String> {
    std::mem::take(&mut *notes.lock().unwrap())
}

/// Notes when it runs.
struct Note(&'static str, Notes);

impl CommandHook for Note {
    fn before<'a>(
        &'a self,
        command: &'a mut CommandContext<'_>,
    ) -> BoxFuture<'a, Result<(), HookError>> {
        let note = format!("{} before {}", self.0, command.name());
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.1.lock().unwrap().push(note);
            Ok(())
        })
    }

    fn after<'a>(
        &'a self,
        command: &'a CommandContext<'_>,
        outcome: &'a CommandOutcome<'_>,
    ) -> BoxFuture<'a, ()> {
        let (name, result) = (command.name(), outcome.result.as_str());
        let note = format!("{} after {name}: {result}", self.0);
        Box::pin(async move { self.1.lock().unwrap().push(note) })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0} is closed on Sundays")]
struct ClosedOnSundays(StreamId);

/// Refuses deposits of nothing.
struct Refuse;

impl CommandHook for Refuse {
    fn before<'a>(
        &'a self,
        command: &'a mut CommandContext<'_>,
    ) -> BoxFuture<'a, Result<(), HookError>> {
        Box::pin(async move {
            match command.command() {
                Some(Deposit { amount: 0, .. }) => {
                    Err(ClosedOnSundays(command.stream().clone()).into())
                }
                _ => Ok(()),
            }
        })
    }
}

#[tokio::test]
async fn hooks_run_in_order_and_back() {
    let notes = Notes::default();
    let app = App::open("memory:")
        .hook(Note("first", notes.clone()))
        .hook(Note("second", notes.clone()))
        .await
        .unwrap();
    app.execute(open("ada")).await.unwrap();
    let expected = [
        "first before open",
        "second before open",
        "second after open: executed",
        "first after open: executed",
    ];
    assert_eq!(taken(&notes), expected);
}

#[tokio::test]
async fn a_refusal_carries_the_hooks_own_error_and_stores_nothing() {
    let notes = Notes::default();
    let app = App::builder(Stores::memory())
        .hook(Note("outer", notes.clone()))
        .hook(Refuse)
        .hook(Note("inner", notes.clone()))
        .await
        .unwrap();
    app.execute(open("ada")).await.unwrap();
    taken(&notes);
    let error = app.execute(deposit(0)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`deposit` on `account/ada`: refused by a hook"
    );
    assert_eq!(
        error.source().unwrap().to_string(),
        "account/ada is closed on Sundays"
    );
    assert_eq!(error.refusal::<ClosedOnSundays>().unwrap().0.id(), "ada");
    assert!(error.refusal::<NoFunds>().is_none());
    assert_eq!(app.head().await.unwrap().position.get(), 1);
    assert_eq!(
        taken(&notes),
        ["outer before deposit", "outer after deposit: refused"]
    );
}

/// Adds what it knows, over what the caller says.
struct Stamp;

impl CommandHook for Stamp {
    fn before<'a>(
        &'a self,
        command: &'a mut CommandContext<'_>,
    ) -> BoxFuture<'a, Result<(), HookError>> {
        command.add_metadata("user", "ada");
        command.add_metadata("command", command.id().to_string());
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test]
async fn metadata_of_a_hook_travels_into_the_events() {
    let app = App::in_memory().hook(Stamp).await.unwrap();
    let id = Uuid::new_v4();
    let said = Metadata::default()
        .with("user", "mallory")
        .with("page", "home");
    let opening = app.execute(open("ada")).with_id(id).metadata(said);
    let receipt = opening.await.unwrap();
    let events = app.events().read_stream(&receipt.stream, 0, 1);
    let stored = events.await.unwrap().remove(0);
    let expected = Metadata::default()
        .with("user", "ada")
        .with("page", "home")
        .with("command", id.to_string());
    assert_eq!(stored.metadata, expected);
}

/// Keeps how each command ended.
#[derive(Default)]
struct Outcomes(Mutex<Vec<String>>);

impl CommandHook for Outcomes {
    fn after<'a>(
        &'a self,
        _: &'a CommandContext<'_>,
        outcome: &'a CommandOutcome<'_>,
    ) -> BoxFuture<'a, ()> {
        assert!(outcome.duration > Duration::ZERO);
        let text = match outcome.result {
            CommandResult::Executed(receipt) => {
                format!(
                    "version {}, repeated: {}",
                    receipt.version, receipt.repeated
                )
            }
            CommandResult::Rejected(no) => {
                format!("no funds: {}", no.downcast_ref::<NoFunds>().unwrap().0)
            }
            CommandResult::Conflict(conflict) => format!("actual {}", conflict.actual),
            CommandResult::Failed(error) => error.to_string(),
            other => other.as_str().to_owned(),
        };
        self.0.lock().unwrap().push(text);
        Box::pin(async {})
    }
}

#[tokio::test]
async fn a_hook_learns_every_outcome() {
    let outcomes = Arc::new(Outcomes::default());
    let app = App::in_memory().hook(outcomes.clone()).await.unwrap();
    let id = Uuid::new_v4();
    app.execute(open("ada")).with_id(id).await.unwrap();
    app.execute(open("ada")).with_id(id).await.unwrap();
    app.execute(open("ada")).await.unwrap_err();
    app.execute(withdraw(7)).await.unwrap_err();
    app.execute(deposit(7)).at_version(9).await.unwrap_err();
    let expected = [
        "version 1, repeated: false",
        "version 1, repeated: true",
        "`open` on `account/ada`: it exists already",
        "no funds: 7",
        "actual 1",
    ];
    assert_eq!(*outcomes.0.lock().unwrap(), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_decided_again_passes_its_hooks_once() {
    let (stores, notes) = (Stores::memory(), Notes::default());
    let here = App::builder(stores.clone()).hook(Note("here", notes.clone()));
    let (here, there) = (here.await.unwrap(), App::builder(stores).await.unwrap());
    here.execute(open("ada")).await.unwrap();
    there.execute(deposit(5)).await.unwrap();
    taken(&notes);
    // The state in the cache of `here` is behind, so its first append conflicts.
    assert_eq!(here.execute(deposit(5)).await.unwrap().version, 3);
    assert_eq!(
        taken(&notes),
        ["here before deposit", "here after deposit: executed"]
    );
}

/// Panics where it is told to: in the call, or in the future.
enum Panic {
    BeforeCall,
    BeforeFuture,
    After,
}

impl CommandHook for Panic {
    fn before<'a>(&'a self, _: &'a mut CommandContext<'_>) -> BoxFuture<'a, Result<(), HookError>> {
        assert!(!matches!(self, Panic::BeforeCall), "in the call");
        Box::pin(async move {
            tokio::task::yield_now().await;
            assert!(!matches!(self, Panic::BeforeFuture), "in the future");
            Ok(())
        })
    }

    fn after<'a>(
        &'a self,
        _: &'a CommandContext<'_>,
        _: &'a CommandOutcome<'_>,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move { assert!(!matches!(self, Panic::After), "after all") })
    }
}

#[tokio::test]
async fn a_hook_that_panics_fails_the_command_and_not_the_application() {
    for (hook, text) in [
        (Panic::BeforeCall, "in the call"),
        (Panic::BeforeFuture, "in the future"),
    ] {
        let notes = Notes::default();
        let outer = Note("outer", notes.clone());
        let app = App::in_memory().hook(outer).hook(hook).await.unwrap();
        for _ in 0..2 {
            let error = app.execute(open("ada")).await.unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("`open` on `account/ada`: a hook panicked: {text}")
            );
            assert!(matches!(error, ExecuteError::HookPanicked { .. }));
            assert_eq!(
                taken(&notes),
                ["outer before open", "outer after open: failed"]
            );
        }
        assert_eq!(app.head().await.unwrap().position.get(), 0);
    }
}

#[tokio::test]
async fn a_panic_after_the_command_does_not_hide_that_it_is_stored() {
    let notes = Notes::default();
    let outer = Note("outer", notes.clone());
    let app = App::in_memory()
        .hook(outer)
        .hook(Panic::After)
        .await
        .unwrap();
    assert_eq!(app.execute(open("ada")).await.unwrap().version, 1);
    assert_eq!(taken(&notes).len(), 2);
}
