//! What a customer does, on a real store: prices from the view, a check-out that orders once.

#![allow(clippy::unwrap_used)]

mod common;

use cart::cart::{CartCommand, CartId, CartOverview, CartStatus};
use cart::import::{read, run};
use cart::order::{OrderCommand, OrderId, OrderStatus, OrderSummary};
use cart::product::Product;
use cart::shopping::{Asked, CheckOut, add_item, check_out};
use cqrs::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use common::{Folder, settled};

/// A shop that sells A at 1.50 and B at 2.
async fn stocked(folder: &Folder) -> App {
    let app = folder.open().await;
    let file = folder.invoices("stock.csv", &["1,A,2,1.5", "1,B,1,2"]);
    run(&app, &read(&file).unwrap(), std::future::pending(), |_| {})
        .await
        .unwrap();
    settled(&app).await;
    app
}

fn cart() -> CartId {
    CartId::from(Uuid::from_u128(1))
}

fn asked(command_id: u128) -> Asked {
    Asked::new(Uuid::from_u128(command_id))
}

fn wish() -> CheckOut {
    CheckOut {
        cart: cart(),
        customer: Some("17850".into()),
        country: "France".into(),
    }
}

#[tokio::test]
async fn an_item_costs_what_the_products_view_says() {
    let folder = Folder::new();
    let app = stocked(&folder).await;
    add_item(&app, &asked(101), cart(), "A".into(), 2)
        .await
        .unwrap();
    let receipt = add_item(&app, &asked(102), cart(), "B".into(), 1)
        .await
        .unwrap();
    app.wait_for::<CartOverview>(receipt.position)
        .await
        .unwrap();
    let overview = app
        .view::<CartOverview>()
        .get(&cart())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((overview.units, overview.total), (3, Decimal::from(5)));
    let unknown = add_item(&app, &asked(103), cart(), "Z".into(), 1)
        .await
        .unwrap_err();
    assert_eq!(unknown.to_string(), "there is no article `Z`");
    let none = add_item(&app, &asked(104), cart(), "A".into(), 0)
        .await
        .unwrap_err();
    assert!(
        none.to_string()
            .starts_with("the quantity must be at least 1"),
        "{none}"
    );
    app.shutdown().await;
}

#[tokio::test]
async fn products_are_found_by_what_a_customer_types() {
    let folder = Folder::new();
    let app = stocked(&folder).await;
    let hits = app.view::<Product>().search("\"article b\"").best(20);
    let hits = hits.await.unwrap();
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].row.code.to_string(), "B");
    let name = &hits[0].highlight(Product::NAME)[0];
    assert_eq!(name.to_html(), "<mark>ARTICLE B</mark>");
    let both = app.view::<Product>().search("art*").best(20).await.unwrap();
    assert_eq!(both.len(), 2);
    app.shutdown().await;
}

#[tokio::test]
async fn a_check_out_that_is_sent_twice_orders_once() {
    let folder = Folder::new();
    let app = stocked(&folder).await;
    add_item(&app, &asked(105), cart(), "A".into(), 2)
        .await
        .unwrap();
    let (order, first) = check_out(&app, &asked(7), wish()).await.unwrap();
    let (again, second) = check_out(&app, &asked(7), wish()).await.unwrap();
    assert_eq!(order, again);
    assert_eq!((first.repeated, second.repeated), (false, true));

    let other = check_out(&app, &asked(8), wish()).await.unwrap_err();
    assert_eq!(
        other.to_string(),
        "this cart has been ordered already; start a new one"
    );
    let figures = settled(&app).await;
    assert_eq!((figures.invoices, figures.revenue), (2, Decimal::from(8)));
    let overview = app
        .view::<CartOverview>()
        .get(&cart())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (overview.status, overview.order),
        (CartStatus::CheckedOut, Some(order))
    );
    app.shutdown().await;
}

#[tokio::test]
async fn a_check_out_that_was_cut_in_two_is_finished_by_sending_it_again() {
    let folder = Folder::new();
    let app = stocked(&folder).await;
    add_item(&app, &asked(106), cart(), "A".into(), 2)
        .await
        .unwrap();
    let asked = asked(7);
    let order = OrderId::from(Uuid::new_v5(&asked.command_id, b"order").to_string());
    let close = CartCommand::CheckOut {
        cart: cart(),
        order: order.clone(),
    };
    app.execute(close).with_id(asked.command_id).await.unwrap();
    assert_eq!(settled(&app).await.invoices, 1);

    check_out(&app, &asked, wish()).await.unwrap();
    settled(&app).await;
    let summary = app
        .view::<OrderSummary>()
        .get(&order)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((summary.lines, summary.total), (1, Decimal::from(3)));
    app.shutdown().await;
}

#[tokio::test]
async fn an_empty_cart_is_not_ordered() {
    let folder = Folder::new();
    let app = stocked(&folder).await;
    add_item(&app, &asked(107), cart(), "A".into(), 2)
        .await
        .unwrap();
    let remove = CartCommand::RemoveItem {
        cart: cart(),
        product: "A".into(),
    };
    app.execute(remove).await.unwrap();
    let error = check_out(&app, &asked(7), wish()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the cart is empty; put something into it first"
    );
    assert_eq!(settled(&app).await.invoices, 1);
    app.shutdown().await;
}

#[tokio::test]
async fn a_cancelled_order_counts_among_the_cancellations() {
    let folder = Folder::new();
    let app = stocked(&folder).await;
    let cancel = OrderCommand::Cancel {
        order: "1".into(),
        reason: "changed my mind".into(),
    };
    app.execute(cancel.clone()).await.unwrap();
    let twice = app.execute(cancel).await.unwrap_err();
    assert_eq!(twice.to_string(), "this order has been cancelled already");
    let figures = settled(&app).await;
    assert_eq!((figures.invoices, figures.revenue), (1, Decimal::from(5)));
    assert_eq!(
        (figures.cancellations, figures.cancelled),
        (1, Decimal::from(-5))
    );
    let summary = app
        .view::<OrderSummary>()
        .get(&"1".into())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(summary.status, OrderStatus::Cancelled);
    app.shutdown().await;
}
