//! Events in, rows out: every view, without a store.

#![allow(clippy::unwrap_used)]

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use cart::cart::{CartEvent, CartId, CartOverview, CartStatus, Items};
use cart::credit_note::{CreditLine, CreditNoteEvent, CreditNoteSummary};
use cart::customer::Customer;
use cart::order::{Line, OrderDetails, OrderEvent, OrderStatus, OrderSummary};
use cart::product::Product;
use cart::refusal::{Reason, RefusalEvent, RefusedByReason, RefusedLine, RefusedLineDetails};
use cart::sales::{CountrySales, DailySales};
use cqrs::test::{GivenEvents, given_events};

fn at(day: u32, hour: u32) -> DateTime<Utc> {
    let day = NaiveDate::from_ymd_opt(2010, 12, day).unwrap();
    day.and_hms_opt(hour, 26, 0).unwrap().and_utc()
}

/// An amount of pence in the scale of the views.
fn money(pence: i64) -> Decimal {
    Decimal::new(pence * 10, 3)
}

fn line(product: &str, name: &str, units: u32, price: i64) -> Line {
    Line {
        product: product.into(),
        name: name.into(),
        units,
        price: money(price),
    }
}

fn placed(customer: Option<&str>, country: &str, lines: &[Line]) -> OrderEvent {
    OrderEvent::Placed {
        customer: customer.map(Into::into),
        country: country.into(),
        lines: lines.to_vec(),
    }
}

fn cancelled(customer: Option<&str>, country: &str, amount: i64) -> OrderEvent {
    OrderEvent::Cancelled {
        reason: "late".into(),
        customer: customer.map(Into::into),
        country: country.into(),
        amount: money(amount),
    }
}

fn issued(customer: Option<&str>, country: &str, units: i32, price: i64) -> CreditNoteEvent {
    CreditNoteEvent::Issued {
        customer: customer.map(Into::into),
        country: country.into(),
        lines: vec![CreditLine {
            product: "22423".into(),
            name: "CAKESTAND".into(),
            units,
            price: money(price),
        }],
    }
}

#[test]
fn a_cart_shows_its_items_and_its_order() {
    let id = CartId::from(Uuid::from_u128(7));
    let added = CartEvent::ItemAdded {
        product: "22423".into(),
        name: "CAKESTAND".into(),
        units: 3,
        price: money(1275),
    };
    let removed = CartEvent::ItemRemoved {
        product: "22423".into(),
    };
    let empty = CartOverview {
        cart: id,
        status: CartStatus::Open,
        items: Items::default(),
        units: 0,
        total: money(0),
        order: None,
        changed_at: at(1, 9),
    };
    GivenEvents::default()
        .at(at(1, 9))
        .and(&id.to_string(), [added.clone(), removed])
        .then_rows([empty]);

    let order = CartEvent::CheckedOut { order: "1".into() };
    let text = r#"{"22423":{"name":"CAKESTAND","units":6,"price":"12.750"}}"#;
    let full = CartOverview {
        cart: id,
        status: CartStatus::CheckedOut,
        items: serde_json::from_str(text).unwrap(),
        units: 6,
        total: money(7650),
        order: Some("1".into()),
        changed_at: at(1, 9),
    };
    let history = [added.clone(), added, order];
    GivenEvents::default()
        .at(at(1, 9))
        .and(&id.to_string(), history)
        .then_rows([full]);
}

#[test]
fn an_order_is_listed_and_its_cancellation_shown() {
    let lines = [
        line("22423", "CAKESTAND", 2, 1275),
        line("22423", "", 1, 1000),
    ];
    GivenEvents::default()
        .at(at(1, 8))
        .and(
            "536365",
            [
                placed(None, "France", &lines),
                cancelled(None, "France", 3550),
            ],
        )
        .then_rows([OrderSummary {
            order: "536365".into(),
            customer: None,
            country: "France".into(),
            status: OrderStatus::Cancelled,
            lines: 2,
            units: 3,
            total: money(3550),
            placed_at: at(1, 8),
        }]);
}

#[test]
fn an_order_has_its_lines_and_why_it_was_cancelled() {
    let lines = [line("22423", "CAKESTAND", 2, 1275)];
    GivenEvents::default()
        .at(at(1, 8))
        .and("7", [placed(Some("web-1"), "France", &lines)])
        .at(at(2, 9))
        .and("7", [cancelled(Some("web-1"), "France", 2550)])
        .then_rows([OrderDetails {
            order: "7".into(),
            customer: Some("web-1".into()),
            country: "France".into(),
            status: OrderStatus::Cancelled,
            lines: lines.to_vec(),
            total: money(2550),
            imported: false,
            placed_at: at(1, 8),
            cancelled_at: Some(at(2, 9)),
            reason: Some("late".into()),
        }]);
}

#[test]
fn a_product_takes_name_and_price_from_the_latest_sale_in_any_order_of_the_log() {
    let product = Product {
        code: "22423".into(),
        name: "REGENCY CAKESTAND".into(),
        named_at: at(2, 8),
        price: money(1095),
        priced_at: at(3, 8),
        units_sold: 7,
        revenue: money(4 * 1095 + 2 * 1275 + 850),
    };
    let sales = [
        (at(1, 8), line("22423", "CAKESTAND", 1, 850)),
        (at(2, 8), line("22423", "REGENCY CAKESTAND", 2, 1275)),
        (at(3, 8), line("22423", "", 4, 1095)),
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let mut events = GivenEvents::default();
        for index in order {
            let (date, line) = &sales[index];
            let placed = placed(None, "France", std::slice::from_ref(line));
            events = events.at(*date).and(&index.to_string(), [placed]);
        }
        events.then_rows([product.clone()]);
    }
}

#[test]
fn a_customer_adds_up_and_orders_without_one_are_left_out() {
    GivenEvents::default()
        .at(at(2, 8))
        .and(
            "1",
            [placed(
                Some("12431"),
                "Belgium",
                &[line("22423", "", 1, 1000)],
            )],
        )
        .at(at(1, 8))
        .and(
            "2",
            [placed(
                Some("12431"),
                "Australia",
                &[line("22423", "", 2, 1000)],
            )],
        )
        .and(
            "3",
            [placed(None, "Australia", &[line("22423", "", 5, 1000)])],
        )
        .at(at(3, 8))
        .and(
            "2",
            [
                cancelled(Some("12431"), "Australia", 2000),
                cancelled(None, "Australia", 1),
            ],
        )
        .and(
            "C4",
            [
                issued(Some("12431"), "Belgium", -1, 500),
                issued(None, "Belgium", -1, 500),
            ],
        )
        .then_rows([Customer {
            customer: "12431".into(),
            country: "Belgium".into(),
            seen_at: at(3, 8),
            orders: 2,
            spent: money(3000),
            cancelled: money(-2500),
            last_order_at: Some(at(2, 8)),
        }]);
}

#[test]
fn sales_count_on_their_day_and_cancellations_on_theirs() {
    let events = GivenEvents::default()
        .at(at(1, 8))
        .and(
            "1",
            [placed(
                None,
                "France",
                &[line("22423", "", 2, 1000), line("21", "", 1, 50)],
            )],
        )
        .and("2", [placed(None, "Japan", &[line("22423", "", 1, 1000)])])
        .at(at(2, 8))
        .and("1", [cancelled(None, "France", 2050)])
        .and("C3", [issued(None, "Japan", -3, 100)]);
    let day =
        |day, orders, lines, units, revenue, cancellations, credit_lines, cancelled| DailySales {
            day: at(day, 0).date_naive(),
            orders,
            lines,
            units,
            revenue: money(revenue),
            cancellations,
            credit_lines,
            cancelled: money(cancelled),
        };
    events.then_rows([
        day(1, 2, 3, 4, 3050, 0, 0, 0),
        day(2, 0, 0, 0, 0, 2, 1, -2350),
    ]);
    let country = |country: &str, revenue, cancelled| CountrySales {
        country: country.into(),
        orders: 1,
        revenue: money(revenue),
        cancellations: 1,
        cancelled: money(cancelled),
    };
    events.then_rows([country("France", 2050, -2050), country("Japan", 1000, -300)]);
}

#[test]
fn a_credit_note_is_listed() {
    GivenEvents::default()
        .at(at(1, 8))
        .and("C1", [issued(Some("12431"), "France", -2, 1275)])
        .then_rows([CreditNoteSummary {
            note: "C1".into(),
            customer: Some("12431".into()),
            country: "France".into(),
            lines: 1,
            total: money(-2550),
            issued_at: at(1, 8),
        }]);
}

#[test]
fn refused_lines_are_listed_and_counted_by_reason() {
    let refused = |number, reason| RefusedLine {
        line: number,
        reason,
        product: "21777".into(),
        name: String::new(),
        units: -10,
        date: at(1, 8).naive_utc(),
        price: money(0),
        customer: None,
        country: "United Kingdom".into(),
    };
    let first = vec![
        refused(7, Reason::NegativeQuantity),
        refused(9, Reason::NoPrice),
    ];
    let second = vec![refused(7, Reason::NegativeQuantity)];
    let events = [first, second].map(|lines| RefusalEvent::Recorded { lines });
    let events = given_events("536589", events);
    let row = |key: &str, line, reason| RefusedLineDetails {
        key: key.into(),
        invoice: "536589".into(),
        reason,
        file: String::new(),
        line,
        product: "21777".into(),
        name: String::new(),
        units: -10,
        date: "2010-12-01 08:26:00".into(),
        price: money(0),
        customer: None,
        country: "United Kingdom".into(),
    };
    events.then_rows([
        row("536589/1/0", 7, Reason::NegativeQuantity),
        row("536589/1/1", 9, Reason::NoPrice),
        row("536589/2/0", 7, Reason::NegativeQuantity),
    ]);
    let count = |reason, lines| RefusedByReason { reason, lines };
    events.then_rows([
        count(Reason::NegativeQuantity, 2),
        count(Reason::NoPrice, 1),
    ]);
}
