//! Given / when / then: an order's rules.

use cqrs::test::given;
use rust_decimal::Decimal;

use super::super::{Line, Order, OrderCommand, OrderEvent};

fn line(units: u32, price: i64) -> Line {
    Line {
        product: "84077".into(),
        name: "WORLD WAR 2 GLIDERS".into(),
        units,
        price: Decimal::new(price, 3),
    }
}

fn place(country: &str, lines: &[Line]) -> OrderCommand {
    OrderCommand::Place {
        order: "536365".into(),
        customer: Some("17850".into()),
        country: country.into(),
        lines: lines.to_vec(),
    }
}

fn placed(lines: &[Line]) -> OrderEvent {
    OrderEvent::Placed {
        customer: Some("17850".into()),
        country: "France".into(),
        lines: lines.to_vec(),
    }
}

fn cancel() -> OrderCommand {
    OrderCommand::Cancel {
        order: "536365".into(),
        reason: "changed my mind".into(),
    }
}

fn cancelled() -> OrderEvent {
    OrderEvent::Cancelled {
        reason: "changed my mind".into(),
        customer: Some("17850".into()),
        country: "France".into(),
        amount: Decimal::new(585, 3),
    }
}

#[test]
fn an_order_is_placed_with_its_lines() {
    let lines = [line(2, 290), line(2, 290)];
    given::<Order>([])
        .when(place("France", &lines))
        .then([placed(&lines)]);
}

#[test]
fn an_order_is_placed_once() {
    let lines = [line(2, 290)];
    given::<Order>([placed(&lines)])
        .when(place("France", &lines))
        .then_already_exists();
}

#[test]
fn an_order_needs_lines_and_a_country() {
    let empty = given::<Order>([]).when(place("France", &[]));
    empty.then_rejected("an order needs at least one article");
    let nowhere = given::<Order>([]).when(place("", &[line(1, 290)]));
    nowhere.then_rejected("an order needs a country");
}

#[test]
fn a_line_without_units_or_price_is_no_sale() {
    let text = "`84077` can only be ordered with a quantity and a price above zero";
    for bad in [line(0, 290), line(1, 0), line(1, -290)] {
        let outcome = given::<Order>([]).when(place("France", &[line(1, 290), bad]));
        outcome.then_rejected(text);
    }
}

#[test]
fn a_cancellation_says_what_the_order_was_worth() {
    let lines = [line(2, 290), line(1, 5)];
    given::<Order>([placed(&lines)])
        .when(cancel())
        .then([cancelled()]);
}

#[test]
fn an_order_is_cancelled_once() {
    let history = [placed(&[line(2, 290)]), cancelled()];
    let outcome = given::<Order>(history).when(cancel());
    outcome.then_rejected("this order has been cancelled already");
    given::<Order>([]).when(cancel()).then_not_found();
}
