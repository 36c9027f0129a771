//! What operators ask: whether the process lives, whether it is ready, and its figures.

use std::time::Duration;

use axum::http::StatusCode;
use cart::order::{OrderId, OrderSummary};
use cart::web::{Shop, ShopOptions};
use cqrs::prelude::*;
use cqrs::projection::ProjectionState;
use cqrs::store::Append;
use cqrs::{Expected, StreamId};
use futures_util::StreamExt;
use postgres_server::{Database, Proxy};

use crate::browser::{Browser, stocked};
use crate::common::Folder;

/// Longer than anything takes that is not broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// Something that newer code might write, which this shop cannot read.
#[derive(Event, Serialize, Deserialize)]
#[event(prefix = "order", id = OrderId)]
enum Misread {
    Placed { nonsense: u8 },
}

async fn stop_a_projection(shop: &Shop) {
    let stream = StreamId::new("order", "misread").unwrap();
    let event = [Misread::Placed { nonsense: 7 }];
    let append = Append::new("misread").events(stream, Expected::NoStream, &event);
    shop.app().append_all(append.unwrap()).await.unwrap();
    let mut status = shop.app().watch_projection::<OrderSummary>().unwrap();
    let stopped = tokio::time::timeout(PATIENCE, async {
        while !matches!(
            status.next().await.unwrap().state,
            ProjectionState::Stopped(_)
        ) {}
    });
    stopped.await.expect("the projection stops");
}

#[tokio::test]
async fn a_shop_is_ready_until_a_projection_stops() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut probe = Browser::at(&shop);
    assert_eq!(probe.page("/healthz").await.body, "alive\n");
    assert_eq!(probe.page("/readyz").await.body, "ready\n");

    stop_a_projection(&shop).await;
    let answer = probe.get("/readyz").await;
    answer.is(StatusCode::SERVICE_UNAVAILABLE);
    answer
        .has("the projection `orders` has stopped at position")
        .has("order/misread");
    probe.page("/healthz").await;

    // Pages go on with what there is, and the system page says what is wrong.
    probe.page("/orders/1").await;
    let system = probe.page("/system").await;
    system
        .has("<span class=\"state stopped\">stopped</span>")
        .has("order/misread");
    let metrics = probe.page("/metrics").await;
    metrics
        .has("cqrs_projection_state{projection=\"orders\",state=\"stopped\"} 1")
        .has("cqrs_projection_standstill{projection=\"orders\",reason=\"stopped\"} 1")
        .has("cqrs_log_readable 1");

    // A check-out is stored though its page cannot be shown.
    probe.add("A", "1").await;
    let form = probe.form_at("/cart").await;
    let fields = [("form", form.as_str()), ("country", "France")];
    let answer = probe.post("/cart/checkout", &fields).await;
    answer
        .is(StatusCode::SERVICE_UNAVAILABLE)
        .is_page()
        .has("What you did is stored");
    shop.close().await;
}

#[tokio::test]
async fn a_shop_that_is_closed_is_not_ready() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut probe = Browser::at(&shop);
    shop.close().await;
    let answer = probe.get("/readyz").await;
    answer
        .is(StatusCode::SERVICE_UNAVAILABLE)
        .has("`orders` was shut down");
}

/// Asks again until the answer has this status.
async fn ready_as(probe: &mut Browser, status: StatusCode) -> String {
    let asked = tokio::time::timeout(PATIENCE, async {
        loop {
            let answer = probe.get("/readyz").await;
            if answer.status == status {
                return answer.body;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    asked.await.expect("the shop says so")
}

#[tokio::test]
async fn a_shop_whose_log_is_away_is_not_ready_until_it_is_back() {
    let folder = Folder::new();
    let database = Database::create().await.unwrap();
    let proxy = Proxy::start(&database).await.unwrap();
    let options = ShopOptions::new(proxy.url().unwrap(), folder.path("mail"));
    let shop = Shop::open(options).await.unwrap();
    let mut probe = Browser::at(&shop);
    ready_as(&mut probe, StatusCode::OK).await;

    proxy.close();
    let problems = ready_as(&mut probe, StatusCode::SERVICE_UNAVAILABLE).await;
    assert!(problems.contains("the log cannot be read"), "{problems}");
    assert!(problems.contains("the projection `orders`"), "{problems}");
    let metrics = probe.page("/metrics").await;
    metrics
        .has("cqrs_log_readable 0")
        .has("cqrs_projection_standstill{projection=\"orders\",reason=\"log_unreadable\"} 1");

    proxy.open();
    ready_as(&mut probe, StatusCode::OK).await;
    probe.page("/metrics").await.has("cqrs_log_readable 1");
    shop.close().await;
}

/// The value of a sample; the exposition has one sample a line.
fn sample(metrics: &str, name: &str) -> f64 {
    let line = metrics
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let line = line.unwrap_or_else(|| panic!("no `{name}` in {metrics}"));
    line.parse().unwrap()
}

#[tokio::test]
async fn the_figures_are_those_of_the_framework() {
    let folder = Folder::new();
    let shop = stocked(&folder).await;
    let mut ada = Browser::at(&shop);
    ada.add("A", "2").await;
    let form = ada.form_at("/cart").await;
    for country in ["France", "Spain"] {
        let fields = [("form", form.as_str()), ("cart", "0"), ("country", country)];
        ada.post("/cart/checkout", &fields).await;
    }
    ada.get("/nothing").await;
    let answer = ada.page("/metrics").await;
    assert!(
        answer
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    let metrics = answer.body;
    let is = |name: &str, value: f64| assert_eq!(sample(&metrics, name), value, "{name}");
    is(
        "cqrs_commands_total{category=\"cart\",command=\"add_item\",outcome=\"executed\"}",
        1.0,
    );
    is(
        "cqrs_commands_total{category=\"cart\",command=\"check_out\",outcome=\"rejected\"}",
        1.0,
    );
    is(
        "cqrs_commands_total{category=\"order\",command=\"place\",outcome=\"executed\"}",
        3.0,
    );
    is(
        "cqrs_command_seconds_count{category=\"order\",command=\"place\",outcome=\"executed\"}",
        3.0,
    );
    is(
        "cqrs_projection_state{projection=\"carts\",state=\"stopped\"}",
        0.0,
    );
    is(
        "cqrs_projection_dead_letters{projection=\"confirmations\"}",
        0.0,
    );
    is("cqrs_projection_events_total{projection=\"carts\"}", 2.0);
    is("cqrs_projection_skipped_total{projection=\"orders\"}", 0.0);
    is(
        "http_requests_total{method=\"POST\",route=\"/cart/checkout\",status=\"303\"}",
        1.0,
    );
    is(
        "http_requests_total{method=\"POST\",route=\"/cart/checkout\",status=\"422\"}",
        1.0,
    );
    is(
        "http_requests_total{method=\"GET\",route=\"none\",status=\"404\"}",
        1.0,
    );
    is(
        "http_requests_total{method=\"GET\",route=\"/products/{code}\",status=\"200\"}",
        1.0,
    );
    assert!(sample(&metrics, "cqrs_projection_position{projection=\"orders\"}") >= 5.0);
    assert!(sample(&metrics, "cqrs_log_head") >= 5.0);
    is("cqrs_log_readable", 1.0);
    assert!(
        !metrics.contains("cqrs_projection_standstill{"),
        "{metrics}"
    );
    parses(&metrics);
    shop.close().await;
}

/// Every line is a comment or `name{labels} number`, a family's help and type come first, and the
/// text ends as it must.
fn parses(metrics: &str) {
    assert!(metrics.ends_with("# EOF\n"), "{metrics}");
    let mut families = std::collections::HashSet::new();
    for line in metrics.lines() {
        if let Some(family) = line.strip_prefix("# TYPE ") {
            let (name, kind) = family.split_once(' ').unwrap();
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert!(families.insert(name), "{name} comes twice");
        } else if !line.starts_with('#') {
            let (name, value) = line.rsplit_once(' ').unwrap();
            value.parse::<f64>().unwrap_or_else(|_| panic!("{line}"));
            let name = name.split('{').next().unwrap();
            assert!(
                families.iter().any(|family| name.starts_with(family)),
                "{line}"
            );
        }
    }
    assert!(families.len() >= 10, "{families:?}");
}
