//! The overview of projections and subscriptions, and the form that builds a view anew.

use askama::Template;
use axum::extract::State as Extracted;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use cqrs::projection::{DeadLetter, ProjectionStatus};
use serde::Deserialize;

use super::rebuilds::State;
use super::state::explained;
use super::state_name;
use crate::text::{count, grouped};
use crate::web::{Layout, PageError, Section, Shop, Submitted, Visit, page, sentence};

/// How many dead letters of one projection are listed.
const LETTERS: usize = 50;

#[derive(Template)]
#[template(path = "system/show.html")]
struct SystemPage {
    layout: Layout,
    head: String,
    views: Vec<Follower>,
    subscriptions: Vec<Follower>,
    letters: Vec<DeadLetter>,
    /// How many letters there are beyond those that are listed.
    more_letters: u64,
    /// Whether something moves, so that the page is worth being looked at again soon.
    is_busy: bool,
}

/// A projection or a subscription.
struct Follower {
    name: &'static str,
    state: &'static str,
    explained: Option<String>,
    position: String,
    lag: String,
    rate: String,
    events: String,
    skipped: String,
    dead_letters: u64,
    last_error: Option<String>,
    rebuild: Option<Built>,
}

/// How a rebuild stands.
struct Built {
    is_running: bool,
    percent: u64,
    told: String,
}

/// `GET /system`: where everything stands.
pub(crate) async fn show(
    Extracted(shop): Extracted<Shop>,
    visit: Visit,
) -> Result<Response, PageError> {
    let app = shop.app();
    let head = app
        .head()
        .await
        .map_err(|error| PageError::failed(&error))?;
    let (views, subscriptions) = (app.projections(), app.subscriptions());
    let letters = letters(&shop, views.iter().chain(&subscriptions)).await?;
    let all: u64 = views
        .iter()
        .chain(&subscriptions)
        .map(|status| status.dead_letters)
        .sum();
    let followers = |all: Vec<ProjectionStatus>| -> Vec<Follower> {
        all.iter()
            .map(|status| Follower::of(&shop, status))
            .collect()
    };
    let (views, subscriptions) = (followers(views), followers(subscriptions));
    let system = SystemPage {
        layout: visit.layout("System", Section::System),
        head: count(head.position.get()),
        is_busy: views.iter().chain(&subscriptions).any(Follower::is_busy),
        views,
        subscriptions,
        more_letters: all.saturating_sub(letters.len() as u64),
        letters,
    };
    page(StatusCode::OK, &system)
}

async fn letters(
    shop: &Shop,
    followers: impl Iterator<Item = &ProjectionStatus>,
) -> Result<Vec<DeadLetter>, PageError> {
    let mut letters = Vec::new();
    for status in followers.filter(|status| status.dead_letters > 0) {
        let of_one = shop.app().dead_letters_of(status.name)?;
        letters.extend(of_one.list(LETTERS).await?);
    }
    Ok(letters)
}

impl Follower {
    fn of(shop: &Shop, status: &ProjectionStatus) -> Self {
        let rate = shop.rates().of(status.name);
        let rebuild = shop.rebuilds().of(status.name).map(Built::of);
        let own = status.rebuild.clone();
        Self {
            name: status.name,
            state: state_name(&status.state),
            explained: explained(status),
            position: count(status.position.get()),
            lag: count(status.lag()),
            rate: grouped(&format!("{rate:.0}")),
            events: count(status.events),
            skipped: count(status.skipped),
            dead_letters: status.dead_letters,
            last_error: status.last_error.as_deref().map(str::to_owned),
            // A changed view is built without being asked.
            rebuild: rebuild.or_else(|| own.map(|now| Built::of(State::Running(Some(now))))),
        }
    }

    fn is_busy(&self) -> bool {
        self.is_rebuilt() || !matches!(self.state, "live" | "stopped")
    }

    fn is_rebuilt(&self) -> bool {
        self.rebuild
            .as_ref()
            .is_some_and(|rebuild| rebuild.is_running)
    }

    fn state_text(&self) -> String {
        self.state.replace('_', " ")
    }
}

impl Built {
    fn of(state: State) -> Self {
        match state {
            State::Running(None) => Self::beginning(),
            State::Running(Some(now)) if now.total == 0 => Self::beginning(),
            State::Running(Some(now)) => {
                let percent = (now.done * 100)
                    .checked_div(now.total)
                    .unwrap_or(0)
                    .min(100);
                let (done, total) = (count(now.done), count(now.total));
                let rate = grouped(&format!("{:.0}", now.events_per_second));
                let mut told = format!("{done} of {total} events, {rate} a second");
                if let Some(left) = now.time_left {
                    told += &format!(", {:.0} s left", left.as_secs_f64().ceil());
                }
                if now.done_by.is_some() {
                    told += ", by another process";
                }
                Self::new(true, percent, told)
            }
            State::Done(rebuilt) => {
                let told = format!("built anew from {} events", count(rebuilt.done));
                Self::new(false, 100, told)
            }
            State::Failed(error) => Self::new(false, 0, sentence(error)),
        }
    }

    fn beginning() -> Self {
        Self::new(true, 0, "beginning".to_owned())
    }

    fn new(is_running: bool, percent: u64, told: String) -> Self {
        Self {
            is_running,
            percent,
            told,
        }
    }
}

/// What the form of a rebuild sends.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Form {
    view: String,
}

/// `POST /system/rebuilds`: builds a view anew in the background.
pub(crate) async fn rebuild(
    Extracted(shop): Extracted<Shop>,
    Submitted(form): Submitted<Form>,
) -> Result<Response, PageError> {
    let begun = shop.rebuilds().begin(&shop, &form.view);
    begun.map_err(|error| PageError::not_found(sentence(error)))?;
    Ok(Redirect::to("/system").into_response())
}
