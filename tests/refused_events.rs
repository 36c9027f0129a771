//! What must not be stored because nobody could read it again, or go on after it.

#![allow(missing_docs, clippy::unwrap_used)]

use cqrs::ExecuteError;
use cqrs::prelude::*;
use cqrs::projection::ProjectionOptions;
use cqrs::store::Stores;
use cqrs::view::ColumnError;

#[derive(Id)]
pub struct FilmId(String);

#[derive(Event, Serialize, Deserialize, Debug)]
#[event(prefix = "film", id = FilmId)]
pub enum FilmEvent {
    Rated { stars: f64 },
}

#[derive(Aggregate, Default, Debug)]
#[aggregate(event = FilmEvent, rejection = ColumnError)]
pub struct Film {
    stars: f64,
}

impl Apply for Film {
    fn apply(&mut self, event: FilmEvent) {
        let FilmEvent::Rated { stars } = event;
        assert!(stars >= 0.0, "negative stars");
        self.stars = stars;
    }
}

#[derive(Command, Clone, Debug)]
#[command(aggregate = Film, may_create)]
pub struct Rate {
    film: FilmId,
    stars: f64,
}

impl Handle<Rate> for Film {
    fn handle(&self, command: Rate, _: &Context) -> Decision<Self> {
        Ok(vec![FilmEvent::Rated {
            stars: command.stars,
        }])
    }
}

fn rate(stars: f64) -> Rate {
    Rate {
        film: "metropolis".into(),
        stars,
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_read_back_is_not_stored() {
    let app = App::in_memory().await.unwrap();
    let error = app.execute(rate(f64::NAN)).await.unwrap_err();
    assert!(matches!(error, ExecuteError::Encode { .. }));
    assert!(
        format!("{error:?}").contains("what is written cannot be read back"),
        "{error:?}"
    );
    assert_eq!(app.execute(rate(4.5)).await.unwrap().version, 1);
}

#[tokio::test]
async fn an_apply_that_panics_stores_nothing() {
    let app = App::in_memory().await.unwrap();
    app.execute(rate(4.5)).await.unwrap();
    let other = app.clone();
    let panicked = tokio::spawn(async move { other.execute(rate(-1.0)).await.map(|_| ()) }).await;
    assert!(panicked.is_err_and(|error| error.is_panic()));
    assert_eq!(app.execute(rate(3.0)).await.unwrap().version, 2);
    let film = app
        .load::<Film>(&"metropolis".into())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(film.state.stars, 3.0);
}

/// A row whose key is changed by a rename of the column that `update_where` looks at.
#[derive(Projection, Clone, Debug)]
#[projection(name = "ratings", events(FilmEvent), index(stars))]
pub struct Rating {
    film: FilmId,
    stars: i64,
}

impl Project<FilmEvent> for Rating {
    fn project(event: &Recorded<FilmEvent>, rows: &mut Rows<Self>) {
        rows.upsert(&event.id, |row| row.stars = 1);
        rows.update_where(Rating::STARS, 1, |row| row.film = "other".into());
    }
}

#[tokio::test]
async fn a_change_that_would_double_a_row_stops_the_projection() {
    let options = ProjectionOptions::default().retry(cqrs::RetryPolicy::none());
    let app = App::builder(Stores::memory())
        .project_with::<Rating>(options)
        .await
        .unwrap();
    let position = app.execute(rate(1.0)).await.unwrap().position;
    let error = app.wait_for::<Rating>(position).await.unwrap_err();
    assert!(error.to_string().contains("gave the row of"), "{error}");
    assert_eq!(app.view::<Rating>().count().await.unwrap(), 0);
}
