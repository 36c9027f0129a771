//! A connection that is lost at any question, before the server saw it or after it has answered: nothing
//! is lost, doubled or half-made.

use std::time::Duration;

use cqrs::Position;
use cqrs::doc::Balance;
use cqrs::postgres::Postgres;
use cqrs::prelude::*;
use cqrs::projection::ProjectionOptions;
use cqrs::store::LogReader;
use postgres_server::{Cut, Database, Proxy};

use crate::domain::{balance, deposit, deposit_patiently, open_account};

const CUTS: [Cut; 2] = [Cut::BeforeTheServer, Cut::AfterTheCommit];

#[tokio::test]
async fn a_migration_is_whole_or_not_there() {
    let database = Database::create().await.unwrap();
    let proxy = Proxy::start(&database).await.unwrap();
    for cut in CUTS {
        for questions in 0.. {
            let schema = format!("cqrs_schema=after_{questions}_{cut:?}").to_lowercase();
            proxy.cut_after(questions, cut);
            let opened = Postgres::open(&format!("{}&{schema}", proxy.url().unwrap())).await;
            let is_cut = !proxy.spare();
            let past_it = format!("{}&{schema}", database.url());
            let again = Postgres::open(&past_it).await.unwrap();
            let head = again.events().head().await.unwrap();
            assert_eq!(head.position, Position::START);
            if !is_cut {
                assert!(opened.is_ok() && questions > 5, "{questions}: {opened:?}");
                break;
            }
        }
    }
}

/// A node by way of the proxy that feeds the view, and one past it.
struct Nodes {
    _database: Database,
    proxy: Proxy,
    here: App,
    there: App,
}

impl Nodes {
    async fn start() -> Self {
        let database = Database::create().await.unwrap();
        let proxy = Proxy::start(&database).await.unwrap();
        // A rebuild that was cut off is taken up when its lease has run out.
        let options = ProjectionOptions::default().lease(Duration::from_millis(500));
        let here = App::open(proxy.url().unwrap()).project_with::<Balance>(options);
        let here = here.await.unwrap();
        let there = App::open(database.url()).await.unwrap();
        let opened = open_account(&there, "ada").await;
        balance(&here, "ada", opened.position).await;
        Self {
            _database: database,
            proxy,
            here,
            there,
        }
    }

    async fn shut_down(self) {
        assert!(self.proxy.cuts() > 3, "{}", self.proxy.cuts());
        self.here.shutdown().await;
        self.there.shutdown().await;
    }
}

#[tokio::test]
async fn a_page_is_written_once() {
    let nodes = Nodes::start().await;
    let mut sum = 0;
    for questions in 0..12 {
        for cut in CUTS {
            nodes.proxy.cut_after(questions, cut);
            let last = deposit(&nodes.there, "ada", 1).await.position;
            sum += 1;
            assert_eq!(balance(&nodes.here, "ada", last).await, sum);
        }
    }
    nodes.shut_down().await;
}

#[tokio::test]
async fn a_command_is_stored_once() {
    let nodes = Nodes::start().await;
    let mut sum = 0;
    for questions in 0..6 {
        for cut in CUTS {
            nodes.proxy.cut_after(questions, cut);
            let last = deposit_patiently(&nodes.here, "ada", 1).await.position;
            sum += 1;
            assert_eq!(balance(&nodes.here, "ada", last).await, sum);
        }
    }
    nodes.shut_down().await;
}

#[tokio::test]
async fn a_rebuild_goes_on() {
    let nodes = Nodes::start().await;
    let last = deposit(&nodes.there, "ada", 5).await.position;
    for questions in 0..12 {
        for cut in CUTS {
            nodes.proxy.cut_after(questions, cut);
            nodes.here.rebuild::<Balance>().await.unwrap();
            assert_eq!(balance(&nodes.here, "ada", last).await, 5);
        }
    }
    nodes.shut_down().await;
}
