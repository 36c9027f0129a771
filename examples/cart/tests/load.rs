//! A few seconds of many visitors at once: nothing fails, and no order is lost. How quick the shop is
//! under load is measured by `cargo xtask bench cart`.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::time::Duration;

use cart_load::OpenShop;
use cart_load::load::{CHECK_OUT, Load, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_order_of_many_visitors_is_lost() {
    let shop = OpenShop::open(Path::new(env!("CARGO_BIN_EXE_cart")), None).unwrap();
    let load = Load {
        visitors: 20,
        time: Duration::from_secs(3),
    };
    let outcome = run(&shop, load).await.unwrap();
    assert!(outcome.orders >= load.visitors);
    assert_eq!(outcome.times.number(CHECK_OUT), outcome.orders as u64);
}
