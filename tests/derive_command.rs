//! What derive(Command) and derive(Aggregate) do at run time.

use cqrs::prelude::*;
use cqrs::{Aggregate, Command, Existence, command};

#[derive(Id)]
struct CartId(String);

#[derive(Event, Serialize, Deserialize, Debug, PartialEq)]
#[event(prefix = "cart", id = CartId)]
enum CartEvent {
    Added { sku: String },
    CheckedOut,
}

#[derive(Aggregate, Default)]
#[aggregate(event = CartEvent, rejection = Closed)]
enum Cart {
    #[default]
    Open,
    Closed,
}

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("the cart is checked out")]
struct Closed;

impl Apply for Cart {
    fn apply(&mut self, event: CartEvent) {
        if event == CartEvent::CheckedOut {
            *self = Cart::Closed;
        }
    }
}

#[derive(Command, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[command(aggregate = Cart, creates(Start), may_create(AddItem), name(Leave = "abandon"))]
enum CartCommand {
    Start {
        cart: CartId,
    },
    AddItem {
        sku: String,
        #[command(id)]
        cart: CartId,
    },
    Leave {
        cart: CartId,
    },
}

impl Handle<CartCommand> for Cart {
    fn handle(&self, command: CartCommand, _: &Context) -> Decision<Self> {
        match (self, command) {
            (Cart::Closed, _) => Err(Closed),
            (Cart::Open, CartCommand::AddItem { sku, .. }) => Ok(vec![CartEvent::Added { sku }]),
            (Cart::Open, _) => Ok(vec![]),
        }
    }
}

#[derive(Command, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[command(aggregate = Cart, creates, name = "begin")]
struct Begin {
    cart: CartId,
}

impl Handle<Begin> for Cart {
    fn handle(&self, _: Begin, _: &Context) -> Decision<Self> {
        Ok(vec![CartEvent::Added {
            sku: "welcome".to_owned(),
        }])
    }
}

#[derive(Command, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[command(aggregate = Cart)]
struct CheckOut {
    cart: CartId,
}

impl Handle<CheckOut> for Cart {
    fn handle(&self, _: CheckOut, _: &Context) -> Decision<Self> {
        ensure(matches!(self, Cart::Open), Closed)?;
        Ok(vec![CartEvent::CheckedOut])
    }
}

#[derive(Command, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[command(aggregate = Cart)]
enum Delegating {
    Begin(Begin),
    CheckOut(CheckOut),
}

fn add(cart: &str) -> CartCommand {
    CartCommand::AddItem {
        sku: "apple".to_owned(),
        cart: cart.into(),
    }
}

#[test]
fn the_category_is_the_prefix_of_the_events() {
    assert_eq!(Cart::CATEGORY, "cart");
}

#[test]
fn an_enum_knows_id_name_and_existence() {
    let start = CartCommand::Start { cart: "1".into() };
    let leave = CartCommand::Leave { cart: "1".into() };
    assert_eq!(CartCommand::NAMES, ["start", "add_item", "abandon"]);
    assert_eq!(
        (start.name(), start.existence()),
        ("start", Existence::Creates)
    );
    assert_eq!(
        (add("1").name(), add("1").existence()),
        ("add_item", Existence::Either)
    );
    assert_eq!(
        (leave.name(), leave.existence()),
        ("abandon", Existence::Exists)
    );
    assert_eq!(add("7").id(), &CartId::from("7"));
}

#[test]
fn a_struct_stands_alone() {
    let begin = Begin { cart: "1".into() };
    assert_eq!(
        (begin.name(), begin.existence()),
        ("begin", Existence::Creates)
    );
    assert_eq!(Begin::NAMES, ["begin"]);
}

#[test]
fn an_enum_of_structs_delegates() {
    let check_out = Delegating::CheckOut(CheckOut { cart: "1".into() });
    assert_eq!(Delegating::NAMES, ["begin", "check_out"]);
    assert_eq!(
        (check_out.name(), check_out.existence()),
        ("check_out", Existence::Exists)
    );
    assert_eq!(check_out.id(), &CartId::from("1"));
    let context = Context::default();
    assert_eq!(
        Cart::Open.handle(check_out.clone(), &context),
        Ok(vec![CartEvent::CheckedOut])
    );
    assert_eq!(Cart::Closed.handle(check_out, &context), Err(Closed));
}

#[test]
fn json_is_addressed_by_the_name() {
    let read: CartCommand =
        command::from_json("add_item", r#"{"sku":"apple","cart":"1"}"#).unwrap();
    assert_eq!(read, add("1"));
    assert_eq!(
        command::to_json(&read).unwrap(),
        r#"{"sku":"apple","cart":"1"}"#
    );
    let begin: Begin = command::from_json("begin", r#"{"cart":"1"}"#).unwrap();
    assert_eq!(begin, Begin { cart: "1".into() });
    let held: Delegating = command::from_json("check_out", r#"{"cart":"1"}"#).unwrap();
    assert_eq!(held, Delegating::CheckOut(CheckOut { cart: "1".into() }));
    assert_eq!(command::to_json(&held).unwrap(), r#"{"cart":"1"}"#);
}
