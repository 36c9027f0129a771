//! The guide's recipe for what is unique across aggregates, under concurrency.

#![cfg(feature = "sqlite")]
#![allow(missing_debug_implementations, missing_docs, clippy::unwrap_used)]

use cqrs::sqlite::Sqlite;
use cqrs::store::Stores;

use cqrs::event::EncodeError;
use cqrs::prelude::*;
use cqrs::store::{Append, AppendError, Appended};
use cqrs::stream::InvalidStream;
use cqrs::{Expected, LoadError, StreamId};
use std::convert::Infallible;
use thiserror::Error;

#[derive(Id)]
pub struct Email(String);

impl Email {
    /// One spelling for one address, since the reservation is found by it.
    pub fn new(address: &str) -> Self {
        Self(address.trim().to_lowercase())
    }
}

/// The reservation: a stream for each address, with the account that holds it.
#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "email", id = Email)]
pub enum EmailEvent {
    Taken { account: AccountId },
    GivenUp,
}

#[derive(Aggregate, Default)]
#[aggregate(event = EmailEvent, rejection = Infallible)]
pub struct Reservation {
    pub holder: Option<AccountId>,
}

impl Apply for Reservation {
    fn apply(&mut self, event: EmailEvent) {
        self.holder = match event {
            EmailEvent::Taken { account } => Some(account),
            EmailEvent::GivenUp => None,
        };
    }
}

#[derive(Id)]
pub struct AccountId(String);

#[derive(Event, Serialize, Deserialize, Clone)]
#[event(prefix = "account", id = AccountId)]
pub enum AccountEvent {
    SignedUp { email: Email },
    EmailChanged { email: Email },
    Closed,
}

#[derive(Aggregate, Default, Clone)]
#[aggregate(event = AccountEvent, rejection = AccountRejection)]
pub struct Account {
    pub email: Option<Email>,
}

impl Apply for Account {
    fn apply(&mut self, event: AccountEvent) {
        self.email = match event {
            AccountEvent::SignedUp { email } | AccountEvent::EmailChanged { email } => Some(email),
            AccountEvent::Closed => None,
        };
    }
}

#[derive(Error, Debug, PartialEq)]
pub enum AccountRejection {
    #[error("the account is open already")]
    Open,
    #[error("the account is not open")]
    NotOpen,
    #[error("that is the account's address already")]
    SameEmail,
}

/// No `derive(Command)`: `app.execute` would append to the account alone.
#[derive(Clone)]
pub enum Membership {
    SignUp { email: Email },
    ChangeEmail { email: Email },
    Close,
}

impl Handle<Membership> for Account {
    fn handle(&self, command: Membership, _: &Context) -> Decision<Self> {
        match (command, &self.email) {
            (Membership::SignUp { email }, None) => Ok(vec![AccountEvent::SignedUp { email }]),
            (Membership::SignUp { .. }, Some(_)) => Err(AccountRejection::Open),
            (_, None) => Err(AccountRejection::NotOpen),
            (Membership::ChangeEmail { email }, Some(present)) => {
                ensure(email != *present, AccountRejection::SameEmail)?;
                Ok(vec![AccountEvent::EmailChanged { email }])
            }
            (Membership::Close, Some(_)) => Ok(vec![AccountEvent::Closed]),
        }
    }
}

#[derive(Error, Debug)]
pub enum MembershipError {
    #[error(transparent)]
    Rejected(#[from] AccountRejection),
    #[error("`{0}` is taken")]
    EmailTaken(Email),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Stream(#[from] InvalidStream),
    #[error(transparent)]
    Encode(#[from] EncodeError),
    #[error(transparent)]
    Append(#[from] AppendError),
}

/// Decides on the account, and moves its reservation in the same step.
pub async fn change(
    app: &App,
    id: &AccountId,
    command: Membership,
) -> Result<Appended, MembershipError> {
    loop {
        match try_change(app, id, command.clone()).await {
            // Somebody was faster. The next look says whether the address is taken now.
            Err(MembershipError::Append(AppendError::Conflict(_))) => {}
            outcome => return outcome,
        }
    }
}

async fn try_change(
    app: &App,
    id: &AccountId,
    command: Membership,
) -> Result<Appended, MembershipError> {
    let account = app.load::<Account>(id).await?.unwrap_or_default();
    let events = account.state.handle(command, &Context::default())?;
    let mut after = account.state.clone();
    for event in &events {
        after.apply(event.clone());
    }
    let stream = StreamId::new("account", id.to_string())?;
    let mut append =
        Append::new("change_membership").events(stream, at(account.version), &events)?;
    if after.email != account.state.email {
        if let Some(email) = &account.state.email {
            append = give_up(app, append, email).await?;
        }
        if let Some(email) = &after.email {
            append = take(app, append, email, id).await?;
        }
    }
    Ok(app.append_all(append).await?)
}

async fn take(
    app: &App,
    append: Append,
    email: &Email,
    account: &AccountId,
) -> Result<Append, MembershipError> {
    let reservation = app.load::<Reservation>(email).await?.unwrap_or_default();
    if reservation.state.holder.is_some() {
        return Err(MembershipError::EmailTaken(email.clone()));
    }
    let account = account.clone();
    let stream = StreamId::new("email", email.to_string())?;
    Ok(append.events(
        stream,
        at(reservation.version),
        &[EmailEvent::Taken { account }],
    )?)
}

async fn give_up(app: &App, append: Append, email: &Email) -> Result<Append, MembershipError> {
    let reservation = app.load::<Reservation>(email).await?.unwrap_or_default();
    let stream = StreamId::new("email", email.to_string())?;
    Ok(append.events(stream, at(reservation.version), &[EmailEvent::GivenUp])?)
}

/// An address that was never taken has no stream; one that was given up has a version.
fn at(version: u64) -> Expected {
    match version {
        0 => Expected::NoStream,
        version => Expected::Exact(version),
    }
}

async fn apps(stores: Stores) -> [App; 2] {
    [
        App::builder(stores.clone()).await.unwrap(),
        App::builder(stores).await.unwrap(),
    ]
}

async fn sqlite(folder: &tempfile::TempDir) -> Stores {
    let file = folder.path().join("unique.db");
    let url = format!("sqlite:{}", file.display());
    Sqlite::open(&url).await.unwrap().stores()
}

fn sign_up(address: &str) -> Membership {
    let email = Email::new(address);
    Membership::SignUp { email }
}

fn change_to(address: &str) -> Membership {
    let email = Email::new(address);
    Membership::ChangeEmail { email }
}

async fn holder(app: &App, address: &str) -> Option<String> {
    let reservation = app.load::<Reservation>(&Email::new(address)).await.unwrap();
    reservation?.state.holder.map(|account| account.to_string())
}

async fn email(app: &App, id: &str) -> Option<String> {
    let account = app.load::<Account>(&id.into()).await.unwrap();
    account?.state.email.map(|email| email.to_string())
}

async fn concurrent_sign_ups_give_exactly_one(apps: [App; 2]) {
    let tasks: Vec<_> = (0..32)
        .map(|number| {
            let app = apps[number % 2].clone();
            let id = AccountId::from(format!("account-{number}"));
            tokio::spawn(async move { change(&app, &id, sign_up("ada@example.com")).await })
        })
        .collect();
    let mut won = Vec::new();
    for (number, task) in tasks.into_iter().enumerate() {
        match task.await.unwrap() {
            Ok(_) => won.push(format!("account-{number}")),
            Err(MembershipError::EmailTaken(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(won.len(), 1);
    assert_eq!(
        holder(&apps[0], "ada@example.com").await.as_ref(),
        won.first()
    );
    for number in 0..32 {
        let id = format!("account-{number}");
        let exists = email(&apps[1], &id).await.is_some();
        assert_eq!(exists, won.contains(&id));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_sign_ups_give_exactly_one_in_memory() {
    concurrent_sign_ups_give_exactly_one(apps(Stores::memory()).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_sign_ups_give_exactly_one_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    concurrent_sign_ups_give_exactly_one(apps(sqlite(&folder).await).await).await;
}

#[tokio::test]
async fn an_address_in_another_spelling_is_the_same() {
    let [app, _] = apps(Stores::memory()).await;
    let (ada, bob) = ("ada".into(), "bob".into());
    change(&app, &ada, sign_up("ada@example.com"))
        .await
        .unwrap();
    let error = change(&app, &bob, sign_up(" Ada@Example.com"))
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "`ada@example.com` is taken");
    assert_eq!(email(&app, "bob").await, None);
}

#[tokio::test]
async fn an_address_that_is_given_up_is_free_again() {
    let [app, _] = apps(Stores::memory()).await;
    let (ada, bob) = ("ada".into(), "bob".into());
    change(&app, &ada, sign_up("ada@example.com"))
        .await
        .unwrap();
    change(&app, &ada, Membership::Close).await.unwrap();
    assert_eq!(holder(&app, "ada@example.com").await, None);
    change(&app, &bob, sign_up("ada@example.com"))
        .await
        .unwrap();
    assert_eq!(
        holder(&app, "ada@example.com").await.as_deref(),
        Some("bob")
    );
}

#[tokio::test]
async fn a_change_takes_the_new_address_and_gives_up_the_old_one() {
    let [app, _] = apps(Stores::memory()).await;
    let (ada, bob) = ("ada".into(), "bob".into());
    change(&app, &ada, sign_up("a@example.com")).await.unwrap();
    change(&app, &bob, sign_up("b@example.com")).await.unwrap();
    let refused = change(&app, &ada, change_to("b@example.com")).await;
    assert!(matches!(refused, Err(MembershipError::EmailTaken(_))));
    assert_eq!(holder(&app, "a@example.com").await.as_deref(), Some("ada"));
    change(&app, &ada, change_to("c@example.com"))
        .await
        .unwrap();
    assert_eq!(holder(&app, "a@example.com").await, None);
    assert_eq!(holder(&app, "c@example.com").await.as_deref(), Some("ada"));
    let same = change(&app, &ada, change_to("c@example.com")).await;
    assert!(matches!(
        same,
        Err(MembershipError::Rejected(AccountRejection::SameEmail))
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_changes_on_two_sides_holds_one_address() {
    let folder = tempfile::tempdir().unwrap();
    let apps = apps(sqlite(&folder).await).await;
    let ada = AccountId::from("ada");
    change(&apps[0], &ada, sign_up("0@example.com"))
        .await
        .unwrap();
    let tasks: Vec<_> = (1..9)
        .map(|number| {
            let (app, ada) = (apps[number % 2].clone(), ada.clone());
            let command = change_to(&format!("{number}@example.com"));
            tokio::spawn(async move { change(&app, &ada, command).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let present = email(&apps[0], "ada").await.unwrap();
    for number in 0..9 {
        let address = format!("{number}@example.com");
        let held = holder(&apps[1], &address).await.is_some();
        assert_eq!(held, address == present, "{address}");
    }
}

fn code(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim_end);
    lines.filter(|line| !line.is_empty()).collect()
}

#[test]
fn the_guide_shows_what_is_tested() {
    let page = include_str!("../docs/guide/uniqueness.md");
    let tested = code(include_str!("uniqueness.rs")).join("\n");
    let recipe = page.split("```rust\n").nth(1).unwrap();
    let (recipe, _) = recipe.split_once("\n# ").unwrap();
    assert!(tested.contains(&code(recipe).join("\n")));
}
