//! Given / when / then: a cart's rules.

use cqrs::test::{Given, given};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::{Cart, CartCommand, CartEvent, CartId};
use super::{MAX_ARTICLES, MAX_UNITS};

fn cart() -> CartId {
    CartId::from(Uuid::nil())
}

fn added(product: &str, units: u32) -> CartEvent {
    CartEvent::ItemAdded {
        product: product.into(),
        name: product.to_uppercase(),
        units,
        price: Decimal::new(255, 2),
    }
}

fn add(product: &str, units: u32) -> CartCommand {
    CartCommand::AddItem {
        cart: cart(),
        product: product.into(),
        name: product.to_uppercase(),
        units,
        price: Decimal::new(255, 2),
    }
}

fn change(product: &str, units: u32) -> CartCommand {
    CartCommand::ChangeQuantity {
        cart: cart(),
        product: product.into(),
        units,
    }
}

fn remove(product: &str) -> CartCommand {
    CartCommand::RemoveItem {
        cart: cart(),
        product: product.into(),
    }
}

fn check_out() -> CartCommand {
    CartCommand::CheckOut {
        cart: cart(),
        order: "1".into(),
    }
}

fn checked_out() -> CartEvent {
    CartEvent::CheckedOut { order: "1".into() }
}

fn cancel() -> CartCommand {
    CartCommand::Cancel { cart: cart() }
}

fn given_cart(events: impl IntoIterator<Item = CartEvent>) -> Given<Cart> {
    given::<Cart>(events)
}

#[test]
fn the_first_item_begins_a_cart() {
    given_cart([])
        .when(add("lantern", 2))
        .then([added("lantern", 2)]);
}

#[test]
fn more_of_a_product_adds_up() {
    let outcome = given_cart([added("lantern", 2)]).when(add("lantern", 3));
    let mut cart = Cart::default();
    cart.items.apply(&added("lantern", 5));
    outcome.then([added("lantern", 3)]).then_state(cart);
}

#[test]
fn no_units_are_no_order() {
    let no_units = "the quantity must be at least 1; remove the article if you do not want it";
    given_cart([])
        .when(add("lantern", 0))
        .then_rejected(no_units);
    given_cart([added("lantern", 2)])
        .when(change("lantern", 0))
        .then_rejected(no_units);
}

#[test]
fn the_units_of_a_product_are_limited_in_sum() {
    let too_many = "at most 100000 of `LANTERN` can be ordered at once";
    given_cart([])
        .when(add("lantern", MAX_UNITS))
        .then([added("lantern", MAX_UNITS)]);
    given_cart([])
        .when(add("lantern", MAX_UNITS + 1))
        .then_rejected(too_many);
    given_cart([added("lantern", 1)])
        .when(add("lantern", u32::MAX))
        .then_rejected(too_many);
    let changed = given_cart([added("lantern", 1)]).when(change("lantern", MAX_UNITS + 1));
    changed.then_rejected(too_many);
}

#[test]
fn the_number_of_articles_is_limited() {
    let full = || (0..MAX_ARTICLES).map(|number| added(&number.to_string(), 1));
    let text = "a cart holds at most 500 different articles; order these first";
    given_cart(full())
        .when(add("lantern", 1))
        .then_rejected(text);
    given_cart(full()).when(add("7", 1)).then([added("7", 1)]);
}

#[test]
fn what_has_no_price_is_not_for_sale() {
    let free = CartCommand::AddItem {
        cart: cart(),
        product: "lantern".into(),
        name: "LANTERN".into(),
        units: 1,
        price: Decimal::ZERO,
    };
    given_cart([])
        .when(free)
        .then_rejected("`LANTERN` is not for sale at the moment");
}

#[test]
fn a_quantity_is_changed_where_it_differs() {
    let changed = CartEvent::QuantityChanged {
        product: "lantern".into(),
        units: 7,
    };
    given_cart([added("lantern", 2)])
        .when(change("lantern", 7))
        .then([changed]);
    given_cart([added("lantern", 2)])
        .when(change("lantern", 2))
        .then_nothing();
}

#[test]
fn what_is_not_in_the_cart_is_neither_changed_nor_removed() {
    let missing = "`mug` is not in the cart";
    given_cart([added("lantern", 2)])
        .when(change("mug", 1))
        .then_rejected(missing);
    given_cart([added("lantern", 2)])
        .when(remove("mug"))
        .then_rejected(missing);
}

#[test]
fn an_item_is_removed() {
    let removed = CartEvent::ItemRemoved {
        product: "lantern".into(),
    };
    let outcome = given_cart([added("lantern", 2)]).when(remove("lantern"));
    outcome.then([removed]).then_state(Cart::default());
}

#[test]
fn a_cart_with_items_is_checked_out() {
    given_cart([added("lantern", 2)])
        .when(check_out())
        .then([checked_out()]);
}

#[test]
fn an_empty_cart_is_not_checked_out() {
    let removed = CartEvent::ItemRemoved {
        product: "lantern".into(),
    };
    let empty = "the cart is empty; put something into it first";
    given_cart([added("lantern", 2), removed])
        .when(check_out())
        .then_rejected(empty);
    given_cart([]).when(check_out()).then_not_found();
}

#[test]
fn a_cart_that_was_checked_out_stays_as_it_is() {
    let ordered = "this cart has been ordered already; start a new one";
    for command in [
        add("mug", 1),
        change("lantern", 1),
        remove("lantern"),
        check_out(),
        cancel(),
    ] {
        given_cart([added("lantern", 2), checked_out()])
            .when(command)
            .then_rejected(ordered);
    }
}

#[test]
fn a_cancelled_cart_stays_as_it_is() {
    given_cart([added("lantern", 2)])
        .when(cancel())
        .then([CartEvent::Cancelled]);
    let cancelled = "this cart was cancelled; start a new one";
    for command in [add("mug", 1), check_out(), cancel()] {
        let outcome = given_cart([added("lantern", 2), CartEvent::Cancelled]).when(command);
        outcome.then_rejected(cancelled);
    }
}
