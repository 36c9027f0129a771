//! A dead letter to look at, to try again, and to give up with a reason.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use cqrs::projection::{DeadLetterError, DeadLetters, InspectedLetter, LetterId, LetterOutcome};
use serde::Deserialize;

use crate::text::moment;
use crate::web::{Layout, PageError, Section, Shop, Submitted, Visit, page, sentence};

/// The longest reason for giving a letter up.
const LONGEST_REASON: usize = 500;

#[derive(Template)]
#[template(path = "system/letter.html")]
struct LetterPage {
    layout: Layout,
    owner: String,
    found: InspectedLetter,
    recorded_at: String,
    payload: String,
    unreadable: Option<String>,
    problem: Option<String>,
    reason: String,
    reason_error: Option<String>,
}

type Names = Path<(String, String)>;

/// `GET /system/letters/{owner}/{letter}`: the event and why it failed.
pub(crate) async fn show(
    State(shop): State<Shop>,
    visit: Visit,
    Path((owner, letter)): Names,
) -> Result<Response, PageError> {
    let (letters, id) = find(&shop, &owner, &letter)?;
    let letter = letter_page(&visit, owner, &letters, &id).await?;
    page(StatusCode::OK, &letter)
}

fn find(shop: &Shop, owner: &str, letter: &str) -> Result<(DeadLetters, LetterId), PageError> {
    let letters = shop.app().dead_letters_of(owner)?;
    let id = letter.parse::<LetterId>();
    let id = id.map_err(|error| PageError::not_found(sentence(error)))?;
    Ok((letters, id))
}

async fn letter_page(
    visit: &Visit,
    owner: String,
    letters: &DeadLetters,
    id: &LetterId,
) -> Result<LetterPage, PageError> {
    let found = letters.inspect(id).await?;
    let payload = serde_json::from_str::<serde_json::Value>(&found.event.payload);
    let payload = payload.and_then(|payload| serde_json::to_string_pretty(&payload));
    Ok(LetterPage {
        layout: visit.layout("A dead letter", Section::System),
        owner,
        recorded_at: moment(found.letter.recorded_at),
        payload: payload.unwrap_or_else(|_| found.event.payload.clone()),
        unreadable: found.unreadable.as_ref().map(sentence),
        problem: None,
        reason: String::new(),
        reason_error: None,
        found,
    })
}

/// `POST …/retry`: tries it again, and what is held behind it.
pub(crate) async fn retry(
    State(shop): State<Shop>,
    visit: Visit,
    Path((owner, letter)): Names,
) -> Result<Response, PageError> {
    let (letters, id) = find(&shop, &owner, &letter)?;
    let outcome = letters.retry(&id).await;
    answered(&visit, owner, &letters, &id, outcome).await
}

/// What the form of a discard sends.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Form {
    reason: String,
}

/// `POST …/discard`: gives it up; the reason is kept.
pub(crate) async fn discard(
    State(shop): State<Shop>,
    visit: Visit,
    Path((owner, letter)): Names,
    Submitted(form): Submitted<Form>,
) -> Result<Response, PageError> {
    let (letters, id) = find(&shop, &owner, &letter)?;
    let reason = form.reason.trim();
    let error = match reason.chars().count() {
        0 => Some("Say why this event may be left out; the reason is kept.".to_owned()),
        1..=LONGEST_REASON => None,
        _ => Some(format!(
            "Please say it in at most {LONGEST_REASON} characters."
        )),
    };
    if error.is_some() {
        let mut letter = letter_page(&visit, owner, &letters, &id).await?;
        letter.reason = form.reason;
        letter.reason_error = error;
        return page(StatusCode::UNPROCESSABLE_ENTITY, &letter);
    }
    let outcome = letters.discard(&id, reason).await;
    answered(&visit, owner, &letters, &id, outcome).await
}

/// Back to the overview, or to the letter where it failed again.
async fn answered(
    visit: &Visit,
    owner: String,
    letters: &DeadLetters,
    id: &LetterId,
    outcome: Result<LetterOutcome, DeadLetterError>,
) -> Result<Response, PageError> {
    let problem = match outcome {
        Ok(outcome) if outcome.failed == 0 => {
            return Ok(Redirect::to("/system#dead-letters").into_response());
        }
        Ok(outcome) => {
            let reason = outcome.reason.unwrap_or_default();
            format!("It failed again: {reason}")
        }
        Err(error @ (DeadLetterError::Stopped(_) | DeadLetterError::TimedOut { .. })) => {
            sentence(error)
        }
        Err(error) => return Err(error.into()),
    };
    match letter_page(visit, owner, letters, id).await {
        Ok(mut letter) => {
            letter.problem = Some(problem);
            page(StatusCode::OK, &letter)
        }
        // It is gone, and one that was held behind it failed.
        Err(_) => Ok(Redirect::to("/system#dead-letters").into_response()),
    }
}

/// `POST /system/letters/{owner}`: tries all of them again.
pub(crate) async fn retry_all(
    State(shop): State<Shop>,
    Path(owner): Path<String>,
) -> Result<Response, PageError> {
    shop.app().dead_letters_of(&owner)?.retry_all().await?;
    Ok(Redirect::to("/system#dead-letters").into_response())
}
