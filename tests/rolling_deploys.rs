//! ⑦ Old and new code on one store: no worker passes an event that it does not know.

#![cfg(feature = "sqlite")]
#![allow(missing_docs, clippy::unwrap_used)]

use std::time::Duration;

use cqrs::prelude::*;
use cqrs::projection::{AnsweredBy, ProjectionOptions, ProjectionState, ProjectionStatus};
use cqrs::store::{Append, Stores};
use cqrs::{Expected, Position, StreamId};
use tokio_stream::{Stream, StreamExt};

#[derive(Id)]
pub struct TicketId(String);

macro_rules! build {
    ($module:ident, $($variant:ident),+) => {
        /// One build of the program.
        mod $module {
            use super::*;

            #[derive(Event, Serialize, Deserialize, Clone, Debug)]
            #[event(prefix = "ticket", id = TicketId)]
            pub(crate) enum TicketEvent {
                $($variant {}),+
            }

            #[derive(Projection, Clone, Debug)]
            #[projection(name = "tickets", events(TicketEvent))]
            pub(crate) struct Ticket {
                pub(crate) ticket: TicketId,
                pub(crate) events: String,
            }

            impl Project<TicketEvent> for Ticket {
                fn project(event: &Recorded<TicketEvent>, rows: &mut Rows<Self>) {
                    let name = match event.data {
                        $(TicketEvent::$variant {} => stringify!($variant)),+
                    };
                    rows.upsert(&event.id, |row| row.events = format!("{}{name} ", row.events));
                }
            }

            /// How many events a ticket has, in a view that nodes share.
            #[derive(Projection, Clone, Debug)]
            #[projection(name = "ticket_lengths", partitions = 4, events(TicketEvent))]
            pub(crate) struct Length {
                pub(crate) ticket: TicketId,
                pub(crate) events: u64,
            }

            impl Project<TicketEvent> for Length {
                fn project(event: &Recorded<TicketEvent>, rows: &mut Rows<Self>) {
                    rows.upsert(&event.id, |row| row.events += 1);
                }
            }
        }
    };
}

build!(old, Opened, Closed);
build!(new, Opened, Closed, Reopened);

fn options() -> ProjectionOptions {
    ProjectionOptions::default().lease(Duration::from_millis(300))
}

async fn append<E: Event>(app: &App, event: E) -> Position {
    let stream = StreamId::new("ticket", "a").unwrap();
    let append = Append::new("write").events(stream, Expected::Any, &[event]);
    app.append_all(append.unwrap()).await.unwrap().position
}

async fn start<P: Projection>(stores: &Stores) -> App {
    let app = App::builder(stores.clone()).project_with::<P>(options());
    app.await.unwrap()
}

async fn until(
    mut statuses: impl Stream<Item = ProjectionStatus> + Unpin,
    wanted: impl Fn(&ProjectionStatus) -> bool,
) -> ProjectionStatus {
    loop {
        let status = statuses.next().await.unwrap();
        if wanted(&status) {
            return status;
        }
    }
}

macro_rules! events {
    ($app:expr, $module:ident) => {
        $app.view::<$module::Ticket>()
            .get(&"a".into())
            .await
            .unwrap()
            .unwrap()
            .events
    };
}

async fn stores() -> [(Stores, tempfile::TempDir); 2] {
    let file = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", file.path().join("desk.db").display());
    let sqlite = cqrs::sqlite::Sqlite::open(&url).await.unwrap().stores();
    [
        (Stores::memory(), tempfile::tempdir().unwrap()),
        (sqlite, file),
    ]
}

/// How many partitions a node feeds.
fn fed(status: &ProjectionStatus) -> usize {
    let partitions = status.partitions.iter();
    partitions.filter(|one| one.state.is_feeding()).count()
}

/// Nodes with older code are given no share, and keep none.
#[tokio::test]
async fn nodes_with_the_new_code_share_a_view_among_them() {
    for (stores, _folder) in stores().await {
        let old = start::<old::Length>(&stores).await;
        let of_old = || old.watch_projection::<old::Length>().unwrap();
        until(of_old(), |status| fed(status) == 4).await;
        let new = [
            start::<new::Length>(&stores).await,
            start::<new::Length>(&stores).await,
        ];
        for app in &new {
            let statuses = app.watch_projection::<new::Length>().unwrap();
            until(statuses, |status| fed(status) == 2).await;
        }
        let is_outdated = |status: &ProjectionStatus| {
            let mut partitions = status.partitions.iter();
            partitions.all(|one| matches!(one.state, ProjectionState::Outdated { .. }))
        };
        until(of_old(), is_outdated).await;
        append(&old, old::TicketEvent::Opened {}).await;
        let position = append(&new[0], new::TicketEvent::Reopened {}).await;
        for app in &new {
            app.wait_for::<new::Length>(position).await.unwrap();
            let ticket = app.view::<new::Length>().get(&"a".into()).await.unwrap();
            assert_eq!(ticket.unwrap().events, 2);
        }
        for app in new.into_iter().chain([old]) {
            app.shutdown().await;
        }
    }
}

#[tokio::test]
async fn an_old_worker_never_passes_a_new_event() {
    for (stores, _folder) in stores().await {
        let old = start::<old::Ticket>(&stores).await;
        let position = append(&old, old::TicketEvent::Opened {}).await;
        old.wait_for::<old::Ticket>(position).await.unwrap();
        let live = |status: &ProjectionStatus| matches!(status.state, ProjectionState::Live);
        until(old.watch_projection::<old::Ticket>().unwrap(), live).await;

        let new = start::<new::Ticket>(&stores).await;
        append(&new, new::TicketEvent::Reopened {}).await;
        let position = append(&old, old::TicketEvent::Closed {}).await;
        new.wait_for::<new::Ticket>(position).await.unwrap();
        assert_eq!(events!(new, new), "Opened Reopened Closed ");

        let outdated =
            |status: &ProjectionStatus| matches!(status.state, ProjectionState::Outdated { .. });
        let status = until(old.watch_projection::<old::Ticket>().unwrap(), outdated).await;
        let ProjectionState::Outdated { events } = status.state else {
            panic!("it is {:?}", status.state);
        };
        assert_eq!(events, ["ticket.reopened"]);
        // Its reads go on, also those that wait.
        old.wait_for::<old::Ticket>(position).await.unwrap();
        assert_eq!(events!(old, old), "Opened Reopened Closed ");

        // Alone again, it stands by and passes nothing.
        new.shutdown().await;
        let position = append(&old, new::TicketEvent::Reopened {}).await;
        tokio::time::sleep(2 * Duration::from_millis(300)).await;
        let status = old.projections().remove(0);
        assert!(status.position < position, "{status:?}");
        let again = start::<new::Ticket>(&stores).await;
        again.wait_for::<new::Ticket>(position).await.unwrap();
        assert_eq!(events!(again, new), "Opened Reopened Closed Reopened ");
        old.shutdown().await;
        again.shutdown().await;
    }
}

#[tokio::test]
async fn events_that_were_passed_by_are_made_good_by_a_rebuild() {
    for (stores, _folder) in stores().await {
        let old = start::<old::Ticket>(&stores).await;
        append(&old, old::TicketEvent::Opened {}).await;
        append(&old, new::TicketEvent::Reopened {}).await;
        let position = append(&old, old::TicketEvent::Closed {}).await;
        old.wait_for::<old::Ticket>(position).await.unwrap();
        assert_eq!(events!(old, old), "Opened Closed ");

        let new = start::<new::Ticket>(&stores).await;
        let second = start::<new::Ticket>(&stores).await;
        for app in [&new, &second] {
            app.wait_for::<new::Ticket>(position).await.unwrap();
            assert_eq!(events!(app, new), "Opened Reopened Closed ");
            let status = app.projections().remove(0);
            assert_eq!(status.answered_by, AnsweredBy::View);
        }
        let position = append(&new, new::TicketEvent::Reopened {}).await;
        new.wait_for::<new::Ticket>(position).await.unwrap();
        assert_eq!(events!(new, new), "Opened Reopened Closed Reopened ");
        for app in [old, new, second] {
            app.shutdown().await;
        }
    }
}

/// An old node would throw the new events out of the view again.
#[tokio::test]
async fn old_code_cannot_rebuild_what_new_code_feeds() {
    let stores = Stores::memory();
    let old = start::<old::Ticket>(&stores).await;
    let new = start::<new::Ticket>(&stores).await;
    let position = append(&new, new::TicketEvent::Reopened {}).await;
    new.wait_for::<new::Ticket>(position).await.unwrap();
    let refused = old.rebuild::<old::Ticket>().await.unwrap_err().to_string();
    assert!(
        refused.contains("events that this code does not (ticket.reopened); run the newer"),
        "{refused}"
    );
    assert_eq!(events!(new, new), "Reopened ");
}

#[tokio::test]
async fn who_waits_for_old_code_alone_is_told_why() {
    let stores = Stores::memory();
    let new = start::<new::Ticket>(&stores).await;
    new.shutdown().await;
    let old = App::builder(stores).wait_timeout(Duration::from_millis(300));
    let old = old.project_with::<old::Ticket>(options()).await.unwrap();
    let outdated =
        |status: &ProjectionStatus| matches!(status.state, ProjectionState::Outdated { .. });
    until(old.watch_projection::<old::Ticket>().unwrap(), outdated).await;
    let position = append(&old, old::TicketEvent::Opened {}).await;
    let text = old.wait_for::<old::Ticket>(position).await.unwrap_err();
    let text = text.to_string();
    assert!(text.contains("stands by: ticket.reopened; where"), "{text}");
    old.shutdown().await;
}
